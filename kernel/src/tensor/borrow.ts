// Kernels that a backend lacks, borrowed from the plain JavaScript backend "cpu": slow, and right.
import * as tf from "./tf";

type Values = Float32Array | Int32Array | Uint8Array;

/** What every backend offers whose values can be read at once. */
interface Backend {
  firstUse?: boolean;
  write(values: Values, shape: number[], dtype: tf.DataType): tf.DataId;
  readSync(dataId: tf.DataId): Values;
  disposeData(dataId: tf.DataId): boolean;
}

/** Registers for a backend every kernel that "cpu" has and the backend lacks. */
export function borrowMissing(backendName: string): void {
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({ kernelName, backendName, kernelFunc: borrowed(kernelName) });
  }
}

/** The kernel of plain JavaScript, for a backend to run on copies of its tensors. */
export function borrowed(kernelName: string): tf.KernelFunc {
  const { kernelFunc } = tf.getKernel(kernelName, "cpu");
  return ({ inputs, attrs, backend }) => {
    const cpu = tf.findBackend("cpu") as unknown as Backend;
    cpu.firstUse = false; // else it advertises another package
    const borrower = backend as Backend;
    const lent: tf.TensorInfo[] = [];
    const lend = (x: tf.TensorInfo): tf.TensorInfo => {
      const copy = { ...copied(x, borrower, cpu), rank: x.shape.length }; // for kernels that take it for a tensor
      lent.push(copy);
      return copy;
    };
    const giveBack = (x: tf.TensorInfo): tf.TensorInfo => {
      const copy = copied(x, cpu, borrower);
      cpu.disposeData(x.dataId);
      return copy;
    };
    try {
      // Inputs come by name or as an array; each may itself be an array, or undefined where it is optional.
      const entries = Object.entries(inputs).map(([name, x]) => [name, Array.isArray(x) ? x.map(lend) : x && lend(x)]);
      const given = Array.isArray(inputs) ? entries.map(([, x]) => x) : Object.fromEntries(entries);
      const outputs = kernelFunc({ inputs: given as tf.NamedTensorInfoMap, attrs, backend: cpu });
      return Array.isArray(outputs) ? outputs.map(giveBack) : giveBack(outputs);
    } finally {
      for (const { dataId } of lent) cpu.disposeData(dataId);
    }
  };

  function copied({ dataId, shape, dtype }: tf.TensorInfo, from: Backend, to: Backend): tf.TensorInfo {
    if (dtype === "complex64") throw new TypeError(`Cannot run ${kernelName} on complex64: plain JavaScript lacks it`);
    const values = valuesOf(dataId, from); // some kernels give whole numbers as floats
    const typed = dtype === "string" ? values : (tf.util.toTypedArray(values, dtype) as Values);
    return { dataId: to.write(typed, shape, dtype), shape, dtype };
  }

  function valuesOf(dataId: tf.DataId, from: Backend): Values {
    try {
      return from.readSync(dataId);
    } catch (cause) {
      throw new Error(
        `Cannot run ${kernelName} on what a GPU computes: it runs on the CPU, at once; await x.data() of its inputs first`,
        { cause },
      );
    }
  }
}
