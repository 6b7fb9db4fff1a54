// The backend "wasm": tfjs-backend-wasm with a guarded memory, the kernels it lacks, and fast matrix products.
import { borrowMissing } from "../borrow";
import * as tf from "../tf";
import { convolutionKernels } from "./convolution";
import { guardMemory, type Heap } from "./guard";
import { matmulKernels } from "./matmul";

let registration: Promise<void> | undefined;

/** Registers the backend "wasm" and makes it the current one. */
export async function useWasm(): Promise<void> {
  registration ??= register();
  await registration;
  await tf.setBackend("wasm");
}

async function register(): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm"); // registers the backend and its kernels
  if (!(await tf.setBackend("wasm"))) throw new Error("Cannot start the backend wasm: WebAssembly must be available");
  guardMemory((tf.backend() as unknown as { wasm: Heap }).wasm);
  borrowMissing("wasm");
  for (const kernel of [...matmulKernels(), ...convolutionKernels()]) {
    tf.unregisterKernel(kernel.kernelName, "wasm");
    tf.registerKernel(kernel);
  }
}
