// Tensors in files: the safetensors format, which Python's libraries and the Hugging Face hub read and write.
// Eight bytes that say how long the header is, a JSON header, then the values of the tensors one behind the other.
import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { type Entry, encodeHeader, parseHeader, readBytes } from "./safetensors/header";
import { decode } from "./safetensors/values";
import * as tf from "./tf";

/** An open safetensors file: its header is in memory, values are read when asked for. */
export interface Safetensors {
  /** What the writer says about the file: text by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of the tensors, in the order of the file. */
  names(): string[];
  /** Whether there is a tensor of that name. */
  has(name: string): boolean;
  /** Shape of a tensor, without reading it. @throws RangeError if there is none of that name. */
  shape(name: string): number[];
  /**
   * Reads a tensor. F32, F16, BF16 and F64 become float32; I32, I64 and U8 int32; BOOL bool.
   *
   * @throws RangeError if there is none of that name, or a whole number in it does not fit 32 bits.
   * @throws TypeError if its values are of another type.
   */
  tensor(name: string): tf.Tensor;
  /** Closes the file. Tensors that were read stay. */
  close(): void;
}

/**
 * Opens a safetensors file and checks its header against the file's size.
 *
 * @throws Error if it cannot be opened or is no valid safetensors file; the message says what is wrong.
 */
export function readSafetensors(path: string): Safetensors {
  const file = openSync(path, "r");
  try {
    const { metadata, entries, dataStart } = parseHeader(file, fstatSync(file).size);
    const entry = (name: string): Entry => {
      const found = entries.get(name);
      if (found) return found;
      throw new RangeError(
        `Cannot find the tensor "${name}" in ${path}: there are ${[...entries.keys()].join(", ") || "none"}`,
      );
    };
    return {
      metadata,
      names: () => [...entries.keys()],
      has: (name) => entries.has(name),
      shape: (name) => [...entry(name).shape],
      tensor(name) {
        const { dtype, shape, begin, end } = entry(name);
        try {
          const values = decode(dtype, readBytes(file, dataStart + begin, end - begin));
          return tf.tensor(values.data, shape, values.dtype);
        } catch (error) {
          throw withContext(error, `Cannot read the tensor "${name}" of ${path}`);
        }
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw withContext(error, `Cannot read ${path} as safetensors`);
  }
}

/**
 * Writes tensors to a safetensors file: float32 as F32, int32 as I32, bool as BOOL. The file appears whole or not at
 * all: it is written under another name beside `path` first.
 *
 * @param tensors The tensors by name.
 * @param metadata Text by name, kept in the header.
 * @throws TypeError if a tensor is of another type, or is named `__metadata__`.
 * @throws Error if the file cannot be written.
 */
export function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, tf.Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const { header, order } = encodeHeader(tensors, metadata);
  const unfinished = `${path}.${randomUUID()}.tmp`;
  const file = openSync(unfinished, "wx");
  try {
    try {
      writeAll(file, header);
      for (const name of order) writeAll(file, bytesOf(tensors[name]));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw withContext(error, `Cannot write ${path}`);
  }
}

function bytesOf(tensor: tf.Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.dataSync<"float32" | "int32" | "bool">();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30));
}

/** The same error with what was being done in front of its message. */
function withContext(error: unknown, action: string): unknown {
  if (error instanceof Error) error.message = `${action}: ${error.message}`;
  return error;
}
