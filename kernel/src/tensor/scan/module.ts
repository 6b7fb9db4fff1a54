// The compiled scan and its memory: one instance, whose memory grows to what the largest call needed.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The functions of scan.as.ts: counts, then addresses of float32 arrays. */
export interface ScanFunctions {
  forward(frames: number, groups: number, states: number, ...addresses: number[]): void;
  advance(frames: number, groups: number, states: number, ...addresses: number[]): void;
  backward(frames: number, groups: number, states: number, ...addresses: number[]): void;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

// The types of Node 20 lack it.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: ScanFunctions & { memory: Memory } };
};

interface Scan {
  functions: ScanFunctions;
  memory: Memory;
}

const page = 65536;
const start = 1024; // AssemblyScript keeps what it needs itself below
let scan: Scan | undefined;

/** Arrays in the scan's memory, by name: where each is, and its values. Valid until the next call of {@link reserve}. */
export type Arrays<Name extends string> = { address: Record<Name, number>; values: Record<Name, Float32Array> };

/**
 * Lays out zeroed float32 arrays of the lengths given in the scan's memory.
 *
 * @throws Error if the scan was not built.
 */
export function reserve<Name extends string>(
  lengths: Record<Name, number>,
): Arrays<Name> & { functions: ScanFunctions } {
  scan ??= load();
  const address = {} as Record<Name, number>;
  let end = start;
  for (const [name, length] of Object.entries(lengths) as [Name, number][]) {
    address[name] = end;
    end += Math.ceil((length * 4) / 16) * 16;
  }
  const missing = end - scan.memory.buffer.byteLength;
  if (missing > 0) scan.memory.grow(Math.ceil(missing / page));
  new Uint8Array(scan.memory.buffer, start, end - start).fill(0);
  const values = {} as Record<Name, Float32Array>;
  for (const [name, length] of Object.entries(lengths) as [Name, number][])
    values[name] = new Float32Array(scan.memory.buffer, address[name], length);
  return { address, values, functions: scan.functions };
}

function load(): Scan {
  const path = join(packageFolder(), "dist", "tensor", "scan", "scan.wasm");
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Error("Cannot run the selective scan: it must be compiled first; run: npm run build", { cause: error });
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return { functions: exports, memory: exports.memory };
}

/** The folder of this package, whether this file runs from its `src` or its `dist`. */
function packageFolder(): string {
  let folder = __dirname;
  while (!["src", "dist"].includes(folder.split(/[\\/]/).at(-1)!)) folder = dirname(folder);
  return dirname(folder);
}
