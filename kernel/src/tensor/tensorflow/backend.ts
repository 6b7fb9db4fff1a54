// TensorFlow.js's Node backend, which can also be made to record.
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import { recorder, type TensorMetadata } from "../jit/recorder";
import type * as tf from "../tf";
import type { Binding } from "./binding";

/** What the backend keeps of a tensor. Its id is −1 until its values are needed, and below that while `jit` records. */
interface Entry {
  readonly id: number;
}

/** The inner parts of the backend that recording goes through. They are not in its types; pinned with its version. */
export interface TensorFlowBackend extends tf.KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: { get(dataId: tf.DataId): Entry; has(dataId: tf.DataId): boolean };
  getDTypeInteger(dtype: tf.DataType): number;
  /** Numbers of tensors, by which the binding knows them. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  /** A tensor of TensorFlow.js out of what the binding returned. */
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  move(dataId: tf.DataId, values: unknown, shape: number[], dtype: tf.DataType, refCount: number): void;
}

type BackendClass = new (binding: unknown, packageName: string) => TensorFlowBackend;

/** Values of more bytes go to TensorFlow at once. */
const largestKept = 65_536;

/** Whether a number stands for a tensor without values. */
export const isSymbol = (id: number): boolean => id < -1;

/** The backend as a class that asks {@link recorder} where tensors come in, go out, or are read. */
export function recordingBackend(Base: typeof NodeJSKernelBackend): BackendClass {
  return class extends (Base as unknown as BackendClass) {
    override getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[] {
      const recording = recorder.current;
      if (!recording) return super.getInputTensorIds(tensors);
      const symbol = (tensor: tf.TensorInfo) => ("dataId" in tensor ? recording.symbolOf(tensor) : undefined);
      return tensors.map((tensor) => symbol(tensor) ?? super.getInputTensorIds([tensor])[0]);
    }

    override createOutputTensor(metadata: TensorMetadata): tf.Tensor {
      const tensor = super.createOutputTensor(metadata);
      recorder.current?.own(tensor.dataId);
      return tensor;
    }

    override move(dataId: tf.DataId, values: unknown, shape: number[], dtype: tf.DataType, refCount: number): void {
      recorder.current?.own(dataId);
      super.move(dataId, values, shape, dtype, refCount);
      // The base class keeps the values until an op wants them. Weights would then be in memory twice.
      if (ArrayBuffer.isView(values) && values.byteLength > largestKept)
        super.getInputTensorIds([{ dataId, shape, dtype }]);
    }

    override readSync(dataId: object): tf.backend_util.BackendValues {
      const { id } = this.tensorMap.get(dataId);
      if (!isSymbol(id)) return super.readSync(dataId);
      if (recorder.current) recorder.current.refuseReading(id);
      throw new Error(
        "Cannot read a tensor that jit only recorded: return it from the function, and read what comes back",
      );
    }
  };
}
