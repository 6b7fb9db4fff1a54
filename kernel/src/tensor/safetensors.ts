// Tensors in files: the safetensors format, which Python's libraries and the Hugging Face hub read and write.
// Eight bytes that say how long the header is, a JSON header, then the values of the tensors one behind the other.
import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { encodeHeader, parseHeader, readBytes, type Writable } from "./safetensors/header";
import { decode } from "./safetensors/values";
import { named, type TensorFile, withContext } from "./tensorFile";
import * as tf from "./tf";

/**
 * Opens a safetensors file and checks its header against the file's size.
 *
 * @throws Error if it cannot be opened or is no valid safetensors file; the message says what is wrong.
 */
export function readSafetensors(path: string): TensorFile {
  const file = openSync(path, "r");
  try {
    const { metadata, entries, dataStart } = parseHeader(file, fstatSync(file).size);
    const entry = (name: string) => named(entries, name, path);
    return {
      metadata,
      names: () => [...entries.keys()],
      has: (name) => entries.has(name),
      shape: (name) => [...entry(name).shape],
      dtype: (name) => entry(name).dtype,
      check: (name) => void entry(name), // the format holds no checksums
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
 * @param tensors The tensors by name, to be kept until it is done, or what knows its type and shape and gives its values when their turn comes.
 * @param metadata Text by name, kept in the header.
 * @throws TypeError if a tensor is of another type, or is named `__metadata__`.
 * @throws Error if the file cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, Writable>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { header, order } = encodeHeader(tensors, metadata);
  const unfinished = `${path}.${randomUUID()}.tmp`;
  const file = openSync(unfinished, "wx");
  try {
    try {
      writeAll(file, header);
      for (const name of order) writeAll(file, await bytesOf(tensors[name]));
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

async function bytesOf(tensor: Writable): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = (await tensor.data()) as Exclude<
    Awaited<ReturnType<Writable["data"]>>,
    string[]
  >;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30));
}
