// Dawn, the WebGPU of Chromium, as the npm package "webgpu" brings it: where it lies, and which GPU it finds.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** What is used of a GPU that WebGPU found. */
export interface Adapter {
  readonly info: {
    vendor: string;
    architecture: string;
    device: string;
    description: string;
    isFallbackAdapter: boolean;
  };
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(options: object): Promise<Device>;
}

/** A GPU made ready to compute. Its methods that make things report what is wrong with them by an event. */
export interface Device {
  readonly lost: Promise<{ reason: string; message: string }>;
  addEventListener(type: "uncapturederror", listener: (event: ErrorEvent) => void): void;
  createBuffer(...args: unknown[]): unknown;
  createBindGroup(...args: unknown[]): unknown;
  createComputePipeline(...args: unknown[]): unknown;
  destroy(): void;
}

interface ErrorEvent {
  readonly error: Error;
  preventDefault(): void;
}

interface Dawn {
  create(options: string[]): { requestAdapter(options: object): Promise<Adapter | null> };
  /** Classes and constants that a browser has as globals. */
  readonly globals: object;
}

let gpu: ReturnType<Dawn["create"]> | undefined; // Dawn works as long as this is not collected

/**
 * The package's folder: below the folder that `BESTRQ_WEBGPU` names, else below `.webgpu` of the checkout.
 *
 * @throws Error if there is none.
 */
export function locateDawn(): string {
  const own = process.env.BESTRQ_WEBGPU;
  const folders = own ? [own] : above(__dirname).map((folder) => join(folder, ".webgpu"));
  const found = folders.map((folder) => join(folder, "node_modules", "webgpu")).find((folder) => existsSync(folder));
  if (found) return found;
  const place = own ? `${own}, where BESTRQ_WEBGPU points` : "the folder .webgpu of the checkout";
  throw new Error(`Cannot find Dawn: the npm package "webgpu" must be in ${place}`);
}

/**
 * The fastest GPU, or a software renderer where there is none. A broken driver may end the process: probe first.
 *
 * @throws Error if there is neither, or Dawn is not there.
 */
export async function openAdapter(): Promise<Adapter> {
  const { create, globals } = (await import(pathToFileURL(join(locateDawn(), "index.js")).href)) as Dawn;
  Object.assign(globalThis, globals); // where tfjs-backend-webgpu looks for them
  gpu ??= create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("Cannot find a GPU: no driver on this machine offers one to WebGPU");
  return adapter;
}

function above(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}
