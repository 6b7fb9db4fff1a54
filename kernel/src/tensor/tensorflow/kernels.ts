// Kernels of TensorFlow.js's Node backend that are put right here.
import * as tf from "../tf";

/** Kernels to register for the backend "tensorflow" in place of its own. */
export const kernels: tf.KernelConfig[] = [
  {
    // TensorFlow >= 2.18 returns zeros for Round on int32, without a word.
    kernelName: tf.Round,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend }) => {
      const x = inputs.x as tf.TensorInfo;
      if (x.dtype === "int32") return tf.getKernel(tf.Identity, "tensorflow").kernelFunc({ inputs, backend });
      return (backend as { executeSingleInput(name: string, x: tf.TensorInfo): tf.TensorInfo }).executeSingleInput(
        tf.Round,
        x,
      );
    },
  },
];
