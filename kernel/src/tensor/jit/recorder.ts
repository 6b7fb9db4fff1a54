// What records at this moment, if anything. Kernels ask it whether to compute or to note that they were called.
import type * as tf from "../tf";
import type { Described } from "./hostOp";

/** A host op as it was called: everything but its tensors. */
export interface HostCall {
  readonly kernelName: string;
  readonly kernelFunc: tf.KernelFunc;
  readonly attrs?: tf.NamedAttrMap;
}

/** The part of a recording that kernels talk to. */
export interface Recorder {
  /** Notes a call of a host op and gives tensors without values for what it will return. */
  host(call: HostCall, parameters: Parameters<tf.KernelFunc>[0], outputs: Described[]): tf.TensorInfo[];
}

/** The recording under way, if any. Recordings are synchronous and do not nest. */
export const recorder: { current?: Recorder } = {};
