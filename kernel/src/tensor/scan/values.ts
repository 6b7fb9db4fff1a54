// A kernel of our own on a backend's float32 tensors, with as few copies as the backend allows.
import type { TensorFlowBackend } from "../tensorflow/backend";
import type * as tf from "../tf";
import type { Source, Target } from "./layout";

/** What every backend that computes in JavaScript or WebAssembly offers. */
interface PlainBackend {
  readSync(dataId: tf.DataId): Float32Array;
  write(values: Float32Array, shape: number[], dtype: "float32"): tf.DataId;
}

/** New tensors of these shapes, which `body` writes while it reads from `inputs`. */
export function compute(
  backend: tf.KernelBackend,
  inputs: readonly tf.TensorInfo[],
  shapes: readonly number[][],
  body: (sources: Source[], targets: Target[]) => void,
): tf.TensorInfo[] {
  if ("binding" in backend) return onTensorFlow(backend as TensorFlowBackend, inputs, shapes, body);
  return inArrays(backend as unknown as PlainBackend, inputs, shapes, body);
}

const onTensorFlow: OnBackend<TensorFlowBackend> = (backend, inputs, shapes, body) =>
  backend.binding
    .computeFloats(backend.getInputTensorIds(inputs), shapes, (reads, writes) =>
      body(
        reads.map((read) => ({ read })),
        writes.map((write) => ({ write })),
      ),
    )
    .map((metadata) => backend.createOutputTensor(metadata));

const inArrays: OnBackend<PlainBackend> = (backend, inputs, shapes, body) => {
  const given = inputs.map(({ dataId }) => backend.readSync(dataId));
  const made = shapes.map((shape) => new Float32Array(shape.reduce((product, size) => product * size, 1)));
  body(
    given.map((array) => ({ read: (start, into) => into.set(array.subarray(start, start + into.length)) })),
    made.map((array) => ({ write: (start, values) => array.set(values, start) })),
  );
  return made.map((array, i) => {
    const shape = shapes[i];
    return { dataId: backend.write(array, shape, "float32"), shape, dtype: "float32" };
  });
};

type OnBackend<Backend> = (
  backend: Backend,
  inputs: readonly tf.TensorInfo[],
  shapes: readonly number[][],
  body: (sources: Source[], targets: Target[]) => void,
) => tf.TensorInfo[];
