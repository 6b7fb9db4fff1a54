// Products with relu on "wasm", where the kernels that do both in one make NaN 0: a calculation gone wrong looked right.
import * as tf from "../tf";

/** Kernels that apply relu and relu6 after the product, by their own kernels. */
export function activationKernels(): tf.KernelConfig[] {
  return [tf._FusedMatMul, tf.FusedConv2D, tf.FusedDepthwiseConv2D].map((kernelName) => {
    const kernel = tf.getKernel(kernelName, "wasm");
    return { ...kernel, kernelFunc: activatedAfter(kernel.kernelFunc) };
  });
}

function activatedAfter(product: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { activation } = call.attrs as { activation?: string };
    const apply = { relu: tf.relu, relu6: tf.relu6 }[activation as "relu" | "relu6"];
    if (!apply) return product(call);
    return tf.tidy(() => {
      const linear = product({ ...call, attrs: { ...call.attrs, activation: "linear" } }) as tf.TensorInfo;
      return apply(tf.engine().makeTensorFromTensorInfo(linear));
    });
  };
}
