// The backend "wasm": tfjs-backend-wasm with a guarded memory, the kernels it lacks, and fast matrix products.
import { cpuName } from "../backend/machine";
import type { Description } from "../backend/status";
import { Unusable } from "../backend/unusable";
import { borrowMissing } from "../borrow";
import * as tf from "../tf";
import { activationKernels } from "./activation";
import { convolutionKernels } from "./convolution";
import { publishHeap } from "./gauge";
import { guardMemory, type Heap } from "./guard";
import { matmulKernels } from "./matmul";
import { unfitKernels } from "./unfit";

/** Node's own types leave it out. */
declare const WebAssembly: { Memory: new (pages: { initial: number; maximum: number }) => unknown };

let registration: Promise<void> | undefined;

/**
 * Registers the backend "wasm" and makes it the current one.
 *
 * @throws Unusable where the process may not reserve the addresses that WebAssembly wants.
 */
export async function useWasm(): Promise<Description> {
  registration ??= register();
  await registration;
  await tf.setBackend("wasm");
  return { name: "wasm", device: "CPU", deviceName: cpuName(), version: tf.version_core, threads: 1 };
}

async function register(): Promise<void> {
  checkAddresses();
  await import("@tensorflow/tfjs-backend-wasm"); // registers the backend and its kernels
  await withoutHandlers(async () => {
    if (!(await tf.setBackend("wasm")))
      throw new Unusable("Cannot start the backend wasm: WebAssembly must be available");
  });
  const heap = (tf.backend() as unknown as { wasm: Heap }).wasm;
  guardMemory(heap);
  publishHeap(heap);
  borrowMissing("wasm");
  replace(unfitKernels());
  replace([...matmulKernels(), ...convolutionKernels()]);
  replace(activationKernels());
}

function replace(kernels: tf.KernelConfig[]): void {
  for (const kernel of kernels) {
    tf.unregisterKernel(kernel.kernelName, "wasm");
    tf.registerKernel(kernel);
  }
}

/** For each memory, its own and the scan's, some 10 GB of addresses are reserved. Without them it would end the process. */
function checkAddresses(): void {
  try {
    for (let i = 0; i < 2; i++) new WebAssembly.Memory({ initial: 1, maximum: 2 ** 16 });
  } catch (error) {
    throw new Unusable(
      "Cannot start WebAssembly: the process may reserve too few addresses (ulimit -v); with the environment variable " +
        "NODE_OPTIONS=--disable-wasm-trap-handler it needs a tenth",
      { cause: error },
    );
  }
}

/** Its start adds handlers that end the process at any unhandled rejection, whoever's: takes them off again. */
async function withoutHandlers(start: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.listeners(event as "uncaughtException"));
  await start();
  events.forEach((event, i) => {
    const added = process.listeners(event as "uncaughtException").filter((listener) => !before[i].includes(listener));
    for (const listener of added) process.removeListener(event, listener);
  });
}
