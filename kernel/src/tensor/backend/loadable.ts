// What must be known before libtensorflow is loaded, because it would end the process without an exception.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { Unusable } from "./unusable";

/** Bytes of addresses that libtensorflow takes for itself and its threads. */
const needed = 2 ** 30;

/**
 * Checks that a library is all there: a download cut short loads, and ends the process where its code would continue.
 * Only the ELF format of Linux is looked at.
 *
 * @throws Unusable if it is cut short.
 */
export function checkWhole(path: string): void {
  const file = openSync(path, "r");
  try {
    const header = read(file, 0, 64);
    if (header.toString("latin1", 0, 5) !== "\x7fELF\x02") return; // whoever loads it says what is wrong with it
    const [size, count] = [header.readUInt16LE(0x36), header.readUInt16LE(0x38)];
    const segments = read(file, Number(header.readBigUInt64LE(0x20)), size * count);
    const ends = Array.from({ length: segments.length / size }, (_, i) =>
      Number(segments.readBigUInt64LE(i * size + 8) + segments.readBigUInt64LE(i * size + 32)),
    );
    const [has, wants] = [fstatSync(file).size, Math.max(...ends)];
    if (segments.length < size * count || has < wants)
      throw new Unusable(`Cannot load ${path}: it is cut short, ${has} bytes of ${wants} are there`, {
        command: "rm -rf .tensorflow && npm start",
      });
  } finally {
    closeSync(file);
  }
}

/** @throws Unusable if the process may reserve too few addresses, as `ulimit -v` says. */
export function checkAddressSpace(): void {
  if (process.platform !== "linux") return;
  const limit = Number(/Max address space\s+(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? Number.POSITIVE_INFINITY); // biome-ignore format: one line
  const used = 1024 * Number(/VmSize:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0);
  if (limit - used >= needed) return;
  throw new Unusable(
    `Cannot load libtensorflow: it needs ${mebibytes(needed)} of addresses, but ulimit -v leaves ${mebibytes(limit - used)}`,
  );
}

function read(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

const mebibytes = (bytes: number): string => `${Math.max(0, Math.floor(bytes / 2 ** 20))} MiB`;
