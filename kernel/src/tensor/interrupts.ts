// Interrupts in a notebook. Between two ops a computation stops in good order, by an exception; one that does not stop
// soon is terminated where it stands, and leaves TensorFlow.js's engine in the middle of its work.
import { recorder } from "./jit/recorder";
import { abandonObservers } from "./observe";
import { underWay } from "./plan/planning";
import * as tf from "./tf";

/** What this room asks of the kernel it runs in, if any; figures/display.ts describes it. */
interface Host {
  interruptRequested?(): boolean;
  uninterrupted?<R>(body: () => R): R;
  onInterrupted?(listener: () => void): void;
}

/** The inner parts of TensorFlow.js's engine that an interrupt leaves behind. Not in its types; pinned with its version. */
interface Engine {
  state: {
    scopeStack: Array<{ track: tf.Tensor[] }>;
    activeScope?: unknown;
    activeTape?: Array<{ saved: tf.Tensor[] }> | null;
    gradientDepth: number;
    kernelDepth: number;
    profiling: boolean;
  };
  runKernelFunc(invocation: unknown): unknown;
}

const host = (globalThis as { [key: symbol]: Host | undefined })[Symbol.for("Jupyter.host")];
if (host?.interruptRequested) stopBetweenOps(host.interruptRequested);
host?.onInterrupted?.(recover);

let whole = 0;

/** Runs what must not be left half done, such as a training step: an interrupt waits for its end. */
export function uninterrupted<R>(body: () => R): R {
  const run = () => {
    whole++;
    try {
      return body();
    } finally {
      whole--;
    }
  };
  return host?.uninterrupted ? host.uninterrupted(run) : run();
}

function stopBetweenOps(interruptRequested: () => boolean): void {
  const engine = Object.getPrototypeOf(tf.engine()) as Engine;
  const { runKernelFunc } = engine;
  engine.runKernelFunc = function (invocation) {
    if (whole === 0 && interruptRequested()) throw new Error("Cannot go on computing: the cell was interrupted");
    return runKernelFunc.call(this, invocation);
  };
}

/**
 * Ends every tidy, gradient and observation that has begun, and frees what they held. To be called when no code runs: then
 * a tidy or gradient, being synchronous, can only be one that was cut off.
 */
export function recover(): void {
  underWay.abandon?.();
  recorder.current = undefined;
  const { state } = tf.engine() as unknown as Engine;
  const { scopeStack, activeTape } = state;
  const idle = {
    scopeStack: [],
    activeScope: null,
    activeTape: null,
    gradientDepth: 0,
    kernelDepth: 0,
    profiling: false,
  };
  Object.assign(state, idle);
  for (const { saved } of activeTape ?? []) saved.forEach(free);
  for (const { track } of scopeStack) track.filter((tensor) => !tensor.kept).forEach(free);
  abandonObservers(); // last: a ledger has what was freed just now, too
}

function free(tensor: tf.Tensor): void {
  try {
    tensor.dispose();
  } catch {
    // it was being disposed when it was cut off
  }
}
