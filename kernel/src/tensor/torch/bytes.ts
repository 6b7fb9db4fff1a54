// Bytes that are read by range: a file, which is never in memory as a whole, or memory itself.
import { closeSync, fstatSync, openSync } from "node:fs";
import { readBytes } from "../safetensors/header";

export interface Bytes {
  readonly size: number;
  /** A part of them, in memory of its own. @throws Error where they end before. */
  read(position: number, length: number): Uint8Array;
  close(): void;
}

/** Opens a file, or takes what is in memory as if it were one. */
export function openBytes(source: string | Uint8Array): Bytes {
  if (typeof source !== "string") {
    const part = (position: number, length: number) => Uint8Array.from(source.subarray(position, position + length));
    return checked(source.length, part);
  }
  const file = openSync(source, "r");
  const read = (position: number, length: number) => new Uint8Array(readBytes(file, position, length));
  return checked(fstatSync(file).size, read, () => closeSync(file));
}

function checked(size: number, read: Bytes["read"], close = () => {}): Bytes {
  return {
    size,
    read(position, length) {
      // Before any memory is asked for: a length may be a lie.
      if (position + length > size) {
        throw new Error(`it must hold bytes ${position} to ${position + length}, got ${size} bytes in all`);
      }
      return read(position, length);
    },
    close,
  };
}
