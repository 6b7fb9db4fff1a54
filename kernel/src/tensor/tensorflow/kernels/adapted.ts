// Kernels that need one step before or after TensorFlow's op.
import * as tf from "../../tf";
import type { Correction } from "./index";

export const adapted: Record<string, Correction> = {
  // TensorFlow >= 2.18 returns zeros on int32, without a word.
  [tf.Round]: (native) => (call) => {
    const x = call.inputs.x as tf.TensorInfo;
    return x.dtype === "int32" ? tf.getKernel(tf.Identity, "tensorflow").kernelFunc(call) : native(call);
  },
  // The sign of NaN is 0 in TensorFlow.js.
  [tf.Sign]: (native) => (call) => {
    const x = call.inputs.x as tf.Tensor;
    if (x.dtype !== "float32") return native(call);
    return tf.tidy(() => {
      const sign = native(call) as tf.Tensor;
      return tf.where(tf.isNaN(x), tf.zerosLike(sign), sign);
    });
  },
  // TensorFlow takes equations that TensorFlow.js, and with it the other backends, does not.
  [tf.Einsum]: (native) => (call) => {
    const operands = Object.values(call.inputs) as tf.Tensor[];
    const { equation } = call.attrs as unknown as { equation: string };
    const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, operands.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, operands);
    return native(call);
  },
  // A list of indices stands for a column in TensorFlow.js, for one row in TensorFlow.
  [tf.ScatterNd]: (native) => (call) => {
    const indices = call.inputs.indices as tf.Tensor;
    if (indices.shape.length !== 1) return native(call);
    return tf.tidy(() => {
      const column = tf.reshape(indices, [-1, 1]);
      return native({ ...call, inputs: { ...call.inputs, indices: column } }) as tf.Tensor;
    });
  },
};
