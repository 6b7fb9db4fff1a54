// How the scan gets at a backend's tensors: with as few copies as the backend allows.
import type { TensorFlowBackend } from "../tensorflow/backend";
import type * as tf from "../tf";
import type { Source, Target } from "./layout";

/** Access to float32 tensors of one backend. */
export interface Values {
  source(tensor: tf.TensorInfo): Source;
  /** New tensors of these shapes, which `fill` writes. */
  make(shapes: readonly number[][], fill: (targets: Target[]) => void): tf.TensorInfo[];
}

/** What every backend that computes in JavaScript or WebAssembly offers. */
interface PlainBackend {
  readSync(dataId: tf.DataId): Float32Array;
  write(values: Float32Array, shape: number[], dtype: "float32"): tf.DataId;
}

export function valuesOn(backend: tf.KernelBackend): Values {
  return "binding" in backend ? ofTensorFlow(backend as TensorFlowBackend) : plain(backend as unknown as PlainBackend);
}

/** TensorFlow's memory is copied from and to directly, only what is asked for. */
function ofTensorFlow(backend: TensorFlowBackend): Values {
  const { binding } = backend;
  return {
    source(tensor) {
      const [id] = backend.getInputTensorIds([tensor]);
      return { read: (start, into) => binding.readFloats(id, start, into) };
    },
    make: (shapes, fill) =>
      binding
        .createFloats(shapes, (writes) => fill(writes.map((write) => ({ write }))))
        .map((metadata) => backend.createOutputTensor(metadata)),
  };
}

function plain(backend: PlainBackend): Values {
  return {
    source({ dataId }) {
      const values = backend.readSync(dataId);
      return { read: (start, into) => into.set(values.subarray(start, start + into.length)) };
    },
    make(shapes, fill) {
      const arrays = shapes.map((shape) => new Float32Array(shape.reduce((product, size) => product * size, 1)));
      fill(arrays.map((array) => ({ write: (start, values) => array.set(values, start) })));
      return arrays.map((array, i) => {
        const shape = shapes[i];
        return { dataId: backend.write(array, shape, "float32"), shape, dtype: "float32" };
      });
    },
  };
}
