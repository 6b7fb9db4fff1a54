// The connection file: where to listen, and the key that all messages are signed with.
import { readFileSync } from "node:fs";
import { isIP } from "node:net";

export const channels = ["shell", "control", "stdin", "iopub", "hb"] as const;
export type Channel = (typeof channels)[number];

export interface Connection {
  key: string;
  /** The address to bind each channel to. */
  addresses: Record<Channel, string>;
}

/**
 * Reads a connection file.
 * @throws Error if it asks for something unsafe: an address that other machines reach, or messages without a signature
 */
export function readConnection(path: string): Connection {
  const file = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const { transport = "tcp", ip, key, signature_scheme: scheme = "hmac-sha256" } = file;
  const refuse = (rule: string, seen: unknown) =>
    new Error(`Cannot use the connection file ${path}: ${rule}, got ${JSON.stringify(seen)}`);
  if (transport !== "tcp" && transport !== "ipc") throw refuse("the transport must be tcp or ipc", transport);
  if (scheme !== "hmac-sha256") throw refuse("the signature scheme must be hmac-sha256", scheme);
  if (typeof key !== "string" || key === "") throw refuse("there must be a key to sign messages with", key);
  if (typeof ip !== "string") throw refuse("ip must be a string", ip);
  if (transport === "tcp" && !isLoopback(ip)) {
    throw refuse("the kernel runs whatever it is sent, so it listens on a loopback address only", ip);
  }
  const address = (channel: Channel) => {
    const port = file[`${channel}_port`];
    if (!Number.isInteger(port)) throw refuse(`${channel}_port must be a whole number`, port);
    if (transport === "ipc") return `ipc://${ip}-${port}`;
    return `tcp://${ip === "localhost" ? "127.0.0.1" : isIP(ip) === 6 ? `[${ip}]` : ip}:${port}`;
  };
  return {
    key,
    addresses: Object.fromEntries(channels.map((name) => [name, address(name)])) as Connection["addresses"],
  };
}

function isLoopback(ip: string): boolean {
  return ip === "localhost" || ip === "::1" || (isIP(ip) === 4 && ip.startsWith("127."));
}
