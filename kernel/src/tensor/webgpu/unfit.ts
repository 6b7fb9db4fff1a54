// Types of numbers that kernels of tfjs-backend-webgpu get wrong without a word, or with a page of WGSL: they are refused.
import * as tf from "../tf";

/** Kernels of floats alone, by the input that must be of that type. */
const ofFloats: Record<string, string> = {
  [tf.Acos]: "x",
  [tf.Acosh]: "x",
  [tf.Asin]: "x",
  [tf.Atanh]: "x",
  [tf.Expm1]: "x",
  [tf.Log1p]: "x",
  [tf.Softplus]: "x",
  [tf.MaxPoolWithArgmax]: "x",
  [tf.MaxPool3D]: "x",
  [tf.Conv3DBackpropInputV2]: "dy",
  [tf.Bincount]: "weights",
  [tf.DenseBincount]: "weights",
};
/** Kernels of float32 and int32. */
const ofNumbers = [
  ...[tf.Neg, tf.Reciprocal, tf.RealDiv, tf.FloorDiv, tf.UnsortedSegmentSum, tf.ScatterNd, tf.SparseToDense],
  ...[tf.Max, tf.Min, tf.Cumsum, tf.Cumprod],
];

/** Those kernels, with an error that says which type they take. */
export function choosyKernels(): tf.KernelConfig[] {
  const floats = Object.entries(ofFloats).map(([kernelName, input]) =>
    choosy(kernelName, "float32 alone", ({ inputs }) => (inputs[input] as tf.TensorInfo).dtype === "float32"),
  );
  const numbers = ofNumbers.map((kernelName) =>
    choosy(kernelName, "float32 and int32 alone", ({ inputs }) =>
      Object.values(inputs).every((x) => (x as tf.TensorInfo).dtype !== "bool"),
    ),
  );
  return [...floats, ...numbers];
}

function choosy(kernelName: string, types: string, fits: (call: Parameters<tf.KernelFunc>[0]) => boolean) {
  const kernel = tf.getKernel(kernelName, "webgpu");
  const kernelFunc: tf.KernelFunc = (call) => {
    if (fits(call)) return kernel.kernelFunc(call);
    const seen = Object.values(call.inputs).map((x) => (x as tf.TensorInfo).dtype).join(", "); // biome-ignore format: one line
    throw new TypeError(
      `Cannot run ${kernelName} on ${seen} on the backend "webgpu": it takes ${types}; tf.cast(x, "float32") helps`,
    );
  };
  return { ...kernel, kernelFunc };
}
