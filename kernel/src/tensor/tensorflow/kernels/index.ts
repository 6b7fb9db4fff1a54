// Kernels of TensorFlow.js's Node backend that are put right: where TensorFlow errs, refuses, or has no such op.
import { borrowed, borrowMissing } from "../../borrow";
import * as tf from "../../tf";
import { adapted } from "./adapted";
import { convolutions } from "./convolution";
import { unable } from "./unable";

/** A kernel made of the one that the Node backend registered. */
export type Correction = (native: tf.KernelFunc) => tf.KernelFunc;

/** Registers the corrected kernels for the backend "tensorflow" in place of its own, and those that it lacks. */
export function correctKernels(): void {
  for (const [kernelName, correction] of Object.entries({ ...adapted, ...convolutions }))
    replace(kernelName, correction);
  for (const [kernelName, isUnable] of Object.entries(unable))
    replace(kernelName, (native) => {
      const plain = borrowed(kernelName);
      return (call) => (isUnable(call) ? plain(call) : native(call));
    });
  borrowMissing("tensorflow");
}

function replace(kernelName: string, correction: Correction): void {
  const kernelFunc = correction(tf.getKernel(kernelName, "tensorflow").kernelFunc);
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc });
}
