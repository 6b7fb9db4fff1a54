import * as tf from "../tf";

type Attributes = {
  filterSize: number | number[];
  strides: number | number[];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
};
/** One axis of the images that are pooled. */
interface Axis {
  /** Padding in front, and the size with all padding. */
  before: number;
  size: number;
  /** For each window, its size over how much of it lies inside. */
  shares: number[];
}

/**
 * The average is over what lies inside of the images, but TensorFlow.js's gradients divide by the whole window at the
 * borders, too (TensorFlow's do not). Without borders all agree: the images are padded first, the outputs weighted.
 */
export const averagePooling: tf.GradConfig[] = [
  corrected(tf.AvgPool, tf.AvgPoolGrad, ["Height", "Width"]),
  corrected(tf.AvgPool3D, tf.AvgPool3DGrad, ["Depth", "Height", "Width"]),
];

function corrected(kernelName: string, gradientKernel: string, names: string[]): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const { dimRoundingMode: _, ...withoutRounding } = attributes; // its effect is in the sizes
      const gradient = () => {
        const axes = axesOf(names, x.shape, attributes as never);
        const [batch, channels] = [x.shape[0], x.shape[x.rank - 1]];
        const input = tf.zeros([batch, ...axes.map(({ size }) => size), channels]);
        const inner = tf
          .engine()
          .runKernel(
            gradientKernel,
            { dy: weighted(dy as tf.Tensor, axes), input },
            { ...withoutRounding, pad: "valid" },
          ) as tf.Tensor;
        const begin = [0, ...axes.map(({ before }) => before), 0];
        const kept = x.shape.map((size, i) => Math.min(size, inner.shape[i] - begin[i]));
        const behind = x.shape.map((size, i): [number, number] => [0, size - kept[i]]);
        return tf.pad(tf.slice(inner, begin, kept), behind);
      };
      return { x: gradient };
    },
  };
}

function axesOf(names: string[], shape: number[], { filterSize, strides, pad, dimRoundingMode }: Attributes): Axis[] {
  const { computePool2DInfo, computePool3DInfo } = tf.backend_util;
  const compute = (names.length === 2 ? computePool2DInfo : computePool3DInfo) as (...args: unknown[]) => unknown;
  const g = compute(shape, filterSize, strides, 1, pad, dimRoundingMode) as Record<string, number> & {
    padInfo: Record<string, number>;
  };
  const fronts: Record<string, string> = { Depth: "front", Height: "top", Width: "left" };
  return names.map((name) => {
    const [window, stride, before] = [g[`filter${name}`], g[`stride${name}`], g.padInfo[fronts[name]]];
    const inside = (first: number) => Math.min(first + window, g[`in${name}`]) - Math.max(first, 0);
    const shares = Array.from({ length: g[`out${name}`] }, (_, i) => window / inside(i * stride - before));
    return { before, size: (shares.length - 1) * stride + window, shares };
  });
}

function weighted(dy: tf.Tensor, axes: Axis[]): tf.Tensor {
  return axes.reduce((product, { shares }, axis) => {
    const shape = dy.shape.map((_, i) => (i === axis + 1 ? shares.length : 1));
    return tf.mul(product, tf.tensor(shares, shape));
  }, dy);
}
