// Kernels that tfjs-backend-wasm lacks, borrowed from the plain JavaScript backend "cpu": slow, and right.
import * as tf from "../tf";

type Values = Float32Array | Int32Array | Uint8Array;

/** What both backends offer here. */
interface Backend {
  firstUse?: boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Values): tf.TensorInfo;
  makeOutput(shape: number[], dtype: tf.DataType, address: undefined, values: Values): tf.TensorInfo;
  readSync(dataId: tf.DataId): Values;
  disposeData(dataId: tf.DataId): boolean;
}

/** Registers for "wasm" every kernel that "cpu" has and "wasm" lacks. */
export function borrowKernels(): void {
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu")) {
    if (tf.getKernel(kernelName, "wasm")) continue;
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc: borrowed(kernelFunc) });
  }
}

function borrowed(kernel: tf.KernelFunc): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const cpu = tf.findBackend("cpu") as unknown as Backend;
    cpu.firstUse = false; // else it advertises another package
    const wasm = backend as Backend;
    const lent: tf.TensorInfo[] = [];
    const lend = (x: tf.TensorInfo): tf.TensorInfo => {
      const copy = cpu.makeTensorInfo(x.shape, x.dtype, wasm.readSync(x.dataId));
      lent.push(copy);
      return copy;
    };
    const giveBack = (x: tf.TensorInfo): tf.TensorInfo => {
      const copy = wasm.makeOutput(x.shape, x.dtype, undefined, cpu.readSync(x.dataId));
      cpu.disposeData(x.dataId);
      return copy;
    };
    try {
      // A list of inputs comes as an array; optional ones may be undefined.
      const entries = Object.entries(inputs).map(([name, x]) => [name, x && lend(x)]);
      const given = Array.isArray(inputs) ? entries.map(([, x]) => x) : Object.fromEntries(entries);
      const outputs = kernel({ inputs: given as tf.NamedTensorInfoMap, attrs, backend: cpu });
      return Array.isArray(outputs) ? outputs.map(giveBack) : giveBack(outputs);
    } finally {
      for (const { dataId } of lent) cpu.disposeData(dataId);
    }
  };
}
