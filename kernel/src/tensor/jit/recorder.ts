// What records at this moment, if anything. Kernels, the binding and Random ask it whether to compute or to take a note.
import type { Attribute } from "../tensorflow/attributes";
import type * as tf from "../tf";
import type { Op } from "./ir";

/** A tensor as an op returns it: `id` is below −1 where there are no values yet. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** A host op as it was called: everything but its tensors. */
export interface HostCall {
  readonly kernelName: string;
  readonly kernelFunc: tf.KernelFunc;
  readonly attrs?: tf.NamedAttrMap;
}

/** Random numbers that are to be drawn at each call. */
export interface Draw {
  readonly kind: "uniform" | "normal" | "key";
  readonly shape: number[];
  /** Low and high, or mean and standard deviation; of a key none. */
  readonly parameters: readonly number[];
}

/** The part of a recording that others talk to. */
export interface Recorder {
  /** Notes an op of TensorFlow; inputs that have values already become constants. */
  op(
    name: string,
    attributes: readonly Attribute[],
    inputIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[];
  /** Notes an op of ours, with what it gives. */
  ownOp(
    op: Pick<Op, "name" | "attributes"> & Required<Pick<Op, "expand">>,
    inputs: readonly tf.TensorInfo[],
    output: tf.TensorInfo,
  ): tf.TensorInfo;
  /** Notes a call of a host op. */
  host(call: HostCall, inputs: tf.NamedTensorInfoMap, outputs: readonly tf.TensorInfo[]): tf.TensorInfo[];
  /** Notes that random numbers are wanted. */
  draw(random: object, draw: Draw): tf.Tensor;
  /**
   * The number by which the recording knows a tensor; one that is older than it becomes an input. Undefined for a
   * tensor that was made while recording and has values: a constant.
   */
  symbolOf(tensor: tf.TensorInfo): number | undefined;
  /** Notes that these values were made while recording. */
  own(dataId: tf.DataId): void;
  /** Why a tensor without values cannot be read. */
  refuseReading(id: number): never;
}

/** The recording under way, if any. Recordings are synchronous and do not nest. */
export const recorder: { current?: Recorder } = {};

/** Whether `jit` records the ops that run now. What is compiled may want another form than what runs op by op. */
export const isRecording = (): boolean => recorder.current !== undefined;
