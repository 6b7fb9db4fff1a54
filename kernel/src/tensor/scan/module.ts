// The compiled scan, the memory that its threads share, and the job in it.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What scan.as.ts exports. */
interface ScanFunctions {
  jobAddress(): number;
  dropAddress(): number;
  slicesOf(groups: number): number;
  roomBytes(frames: number, states: number): number;
  settle(): void;
  compute(helpers: number): void;
  help(thread: number): void;
  sumRows(from: number, rows: number, numbers: number): void;
}

interface Memory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

// The types of Node 20 lack it.
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: { env: { memory: Memory } }) => { exports: ScanFunctions };
};

/** What threads of a scan have in common; it can be sent to another thread. */
export interface Shared {
  readonly module: object;
  readonly memory: Memory;
}

/** The scan's functions in the thread that calls this. */
export function instantiate({ module, memory }: Shared): ScanFunctions {
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

/** @throws Error if the scan was not built. */
export function load(): Shared {
  let bytes: Buffer;
  try {
    bytes = readFileSync(builtFile("scan.wasm"));
  } catch (error) {
    throw new Error("Cannot run the selective scan: it must be compiled first; run: npm run build", { cause: error });
  }
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }); // of 4 GB, taken as it is used
  return { module: new WebAssembly.Module(bytes), memory };
}

/** Path of a file of this folder as built, whether this one runs from the package's `src` or its `dist`. */
export function builtFile(name: string): string {
  let folder = __dirname;
  while (!["src", "dist"].includes(folder.split(/[\\/]/).at(-1)!)) folder = dirname(folder);
  return join(dirname(folder), "dist", "tensor", "scan", name);
}
