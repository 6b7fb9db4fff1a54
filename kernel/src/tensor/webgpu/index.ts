// The backend "webgpu": TensorFlow.js's kernels in WGSL on any vendor's GPU, through Dawn.
import type { Description } from "../backend/status";
import { borrowMissing } from "../borrow";
import * as tf from "../tf";
import { addNKernel } from "./addN";
import { type Opened, openBackend } from "./backend";
import { castKernel } from "./cast";
import { openAdapter } from "./dawn";
import { dropoutKernel } from "./dropout";
import { elementaryKernels } from "./elementary";
import { probe } from "./probe";
import { rankedKernels } from "./ranks";
import { scanKernels } from "./scan";
import { choosyKernels } from "./unfit";

export { probe } from "./probe";

let opened: Opened | undefined;
let corrected = false;

/**
 * Registers the backend "webgpu" and makes it the current one.
 *
 * @throws Unusable if there is no GPU, or something that it needs is missing or broken.
 */
export async function useWebGpu(): Promise<Description> {
  const { name, software } = await probe();
  if (opened?.faults.isLost) {
    tf.removeBackend("webgpu");
    opened = undefined;
  }
  opened ??= await open();
  await tf.setBackend("webgpu");
  const deviceName = software ? `${name}, a program on the CPU` : name;
  return { name: "webgpu", device: "GPU", deviceName, version: tf.version_core, threads: 1 };
}

/** Lets other backends have the tensors that are on the GPU. */
export async function fetchFromGpu(): Promise<void> {
  if (opened && !opened.faults.isLost) await opened.fetchAll();
}

async function open(): Promise<Opened> {
  const made = await openBackend(await openAdapter());
  if (!corrected) correctKernels();
  corrected = true;
  tf.registerBackend("webgpu", () => made.backend);
  return made;
}

/** Puts our kernels in the place of those that are slow, wrong or missing. */
function correctKernels(): void {
  for (const kernels of [elementaryKernels, rankedKernels, choosyKernels, scanKernels]) kernels().forEach(replace);
  for (const kernel of [addNKernel(), castKernel(), dropoutKernel()]) replace(kernel);
  borrowMissing("webgpu"); // of strings mostly, which are never on the GPU
}

function replace(kernel: tf.KernelConfig): void {
  if (tf.getKernel(kernel.kernelName, "webgpu")) tf.unregisterKernel(kernel.kernelName, "webgpu");
  tf.registerKernel(kernel);
}
