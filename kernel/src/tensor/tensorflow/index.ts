// The backend "tensorflow": the JavaScript of TensorFlow.js's Node backend on libtensorflow by way of our binding.
import util from "node:util";
import { isMainThread } from "node:worker_threads";
import * as tf from "../tf";
import { recordingBackend } from "./backend";
import { type Binding, openBinding } from "./binding";
import { threadsWanted } from "./context";
import { correctKernels } from "./kernels";

let registration: Promise<Binding> | undefined;

/**
 * Opens libtensorflow and registers the backend "tensorflow" with all its kernels; once.
 *
 * @param threads Threads that one op may use (default: `BESTRQ_THREADS`, else one for each core).
 * @throws RangeError if that is not a whole number from 1, or another one than it was opened with.
 * @throws Error if libtensorflow cannot be found or loaded.
 */
export async function registerTensorFlow(threads?: number): Promise<Binding> {
  const wanted = threadsWanted(threads);
  registration ??= register(wanted);
  const binding = await registration;
  const opened = binding.context.threads;
  if (threads !== undefined && threads !== opened)
    throw new RangeError(
      `Cannot change the number of threads to ${threads}: TensorFlow was started with ${opened}, for as long as the ` +
        "process lives; restart the kernel and ask for them first",
    );
  return binding;
}

async function register(threads: number): Promise<Binding> {
  const binding = await openBinding(threads);
  restoreUtil();
  // Not the package's index.js, which wants its native addon; these two files hold the backend and its kernels.
  const { NodeJSKernelBackend } = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  correctKernels();
  const TensorFlowBackend = recordingBackend(NodeJSKernelBackend);
  tf.registerBackend("tensorflow", () => new TensorFlowBackend(binding, "bestrq"));
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
