// The backend "webgpu": TensorFlow.js's kernels in WGSL on any vendor's GPU, through Dawn.
import * as tf from "../tf";
import { type Opened, openBackend } from "./backend";
import { openAdapter } from "./dawn";
import { elementaryKernels } from "./elementary";
import { scanKernels } from "./scan";

let opened: Promise<Opened> | undefined;

/** Registers the backend "webgpu" and makes it the current one. */
export async function useWebGpu(): Promise<void> {
  opened ??= open();
  await opened;
  await tf.setBackend("webgpu");
}

async function open(): Promise<Opened> {
  const adapter = await openAdapter();
  const made = await openBackend(adapter);
  for (const kernel of [...elementaryKernels(), ...scanKernels()]) {
    if (tf.getKernel(kernel.kernelName, "webgpu")) tf.unregisterKernel(kernel.kernelName, "webgpu");
    tf.registerKernel(kernel);
  }
  tf.registerBackend("webgpu", () => made.backend);
  return made;
}
