// Messages to frames and back. A signature is checked before anything that it covers is looked at.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Message } from "./messages";

const delimiter = Buffer.from("<IDS|MSG>");
/** header, parent header, metadata, content */
const signedFrames = 4;
/** SHA-256 as hexadecimal digits. */
const signatureLength = 64;
const mostSignatures = 1 << 16;

/** The frames of a message: identities, delimiter, signature, four JSON documents, buffers. */
export function encode(message: Message, key: string): Uint8Array[] {
  const { identities, header, parent, metadata, content, buffers } = message;
  const signed = [header, parent, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
  return [...identities, delimiter, Buffer.from(signature(signed, key)), ...signed, ...buffers];
}

/** The signatures of the latest messages, so that none is served twice. */
export class Signatures {
  private readonly seen = new Set<string>();

  /** Tells whether this one is new. */
  add(signature: string): boolean {
    if (this.seen.has(signature)) return false;
    this.seen.add(signature);
    if (this.seen.size > mostSignatures) this.seen.delete(this.seen.values().next().value!);
    return true;
  }
}

/**
 * The message in `frames`.
 * @throws Error if they are not a message that was signed with `key`, or one that has come before
 */
export function decode(frames: Buffer[], key: string, signatures: Signatures): Message {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  if (at < 0) throw new Error(`Cannot read a message: there is no delimiter in its ${frames.length} frames`);
  const [given, ...rest] = frames.slice(at + 1);
  const signed = rest.slice(0, signedFrames);
  if (!given || signed.length < signedFrames) {
    throw new Error(`Cannot read a message: it ends ${signedFrames - signed.length} frames too early`);
  }
  if (given.length !== signatureLength || !timingSafeEqual(given, Buffer.from(signature(signed, key)))) {
    throw new Error("Cannot read a message: it is not signed with the key of the connection file");
  }
  if (!signatures.add(given.toString())) throw new Error("Cannot read a message: it has come before");
  const [header, parent, metadata, content] = signed.map(parseObject);
  if (typeof header!.msg_id !== "string" || typeof header!.msg_type !== "string") {
    throw new Error("Cannot read a message: its header must name msg_id and msg_type");
  }
  return {
    identities: frames.slice(0, at),
    header: header as unknown as Message["header"],
    parent: parent!,
    metadata: metadata!,
    content: content!,
    buffers: rest.slice(signedFrames),
  };
}

function signature(frames: Buffer[], key: string): string {
  const hmac = createHmac("sha256", key);
  for (const frame of frames) hmac.update(frame);
  return hmac.digest("hex");
}

function parseObject(frame: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(frame.toString());
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error("Cannot read a message: each of its parts must be a JSON object");
}
