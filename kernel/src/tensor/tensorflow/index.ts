// The backend "tensorflow": the JavaScript of TensorFlow.js's Node backend on libtensorflow by way of our binding.
import util from "node:util";
import { isMainThread } from "node:worker_threads";
import * as tf from "../tf";
import { type Binding, openBinding } from "./binding";
import { correctKernels } from "./kernels";

let registration: Promise<Binding> | undefined;

/**
 * Opens libtensorflow and registers the backend "tensorflow" with all its kernels; once.
 *
 * @throws Error if libtensorflow cannot be found or loaded.
 */
export function registerTensorFlow(): Promise<Binding> {
  registration ??= register();
  return registration;
}

async function register(): Promise<Binding> {
  const binding = await openBinding();
  restoreUtil();
  // Not the package's index.js, which wants its native addon; these two files hold the backend and its kernels.
  const { NodeJSKernelBackend } = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  correctKernels();
  tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, "bestrq"));
  // The main thread's memory goes with the process; a worker thread's would stay.
  if (!isMainThread) process.once("exit", () => binding.close());
  return binding;
}

/** TensorFlow.js's Node backend calls two functions that Node 24 no longer has. */
function restoreUtil(): void {
  const old = util as { isNullOrUndefined?: (x: unknown) => boolean; isArray?: (x: unknown) => boolean };
  old.isNullOrUndefined ??= (x) => x === null || x === undefined;
  old.isArray ??= Array.isArray;
}
