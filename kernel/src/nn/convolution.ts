import { isRecording, tf } from "../tensor";
import { byInputs, xavierNormal } from "./initialisers";
import { ParameterSpec, type Parameters } from "./parameters";

/** A convolution over time with one filter per channel: weight [kernel, D], bias [D], begun as PyTorch does. */
export const depthwiseSpec = (kernel: number, width: number) => ({
  weight: new ParameterSpec([kernel, width], byInputs(kernel), xavierNormal(kernel + width * kernel)),
  bias: new ParameterSpec([width], byInputs(kernel)),
});

/**
 * x [B, T, D] → [B, T, D], channel by channel: y_t = b + Σ_k w_k x_(t + k − before), zeros beyond both ends.
 * `before` is how many past frames the filter sees: (kernel − 1) / 2 centres it, kernel − 1 makes it causal.
 */
export function depthwise(
  { weight, bias }: Parameters<ReturnType<typeof depthwiseSpec>>,
  x: tf.Tensor3D,
  before: number,
): tf.Tensor3D {
  const filtered = isRecording() ? shiftedDepthwise : nativeDepthwise;
  return filtered(x, weight as tf.Tensor2D, before).add(bias);
}

function nativeDepthwise(x: tf.Tensor3D, weight: tf.Tensor2D, before: number): tf.Tensor3D {
  const [batch, frames, width] = x.shape;
  const [kernel] = weight.shape;
  const padded = padTime(x, before, kernel).reshape([batch, frames + kernel - 1, 1, width]) as tf.Tensor4D;
  const filter = weight.reshape([kernel, 1, width, 1]) as tf.Tensor4D;
  return tf.depthwiseConv2d(padded, filter, 1, "valid").reshape([batch, frames, width]);
}

/** The same as a sum of shifted products, which XLA fuses: for 31 frames of filter a hundred times faster than its convolution. */
function shiftedDepthwise(x: tf.Tensor3D, weight: tf.Tensor2D, before: number): tf.Tensor3D {
  const [kernel] = weight.shape;
  const taps = Array.from({ length: kernel }, (_, k) => k);
  /** x_(t + k − before) for every k. */
  const shifted = (x: tf.Tensor3D, before: number) => {
    const padded = padTime(x, before, kernel);
    return taps.map((k) => padded.slice([0, k, 0], [-1, x.shape[1], -1]) as tf.Tensor3D);
  };
  const sum = (x: tf.Tensor3D, weight: tf.Tensor2D, before: number) =>
    shifted(x, before)
      .map((frames, k) => frames.mul(weight.slice([k, 0], [1, -1])) as tf.Tensor3D)
      .reduce((total, term) => total.add(term));
  return tf.customGrad((x, weight, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor, weight as tf.Tensor]);
    return {
      value: sum(x as tf.Tensor3D, weight as tf.Tensor2D, before),
      gradFunc: (dy: tf.Tensor3D, [x, weight]: tf.Tensor[]) => [
        sum(dy, weight.reverse(0) as tf.Tensor2D, kernel - 1 - before),
        tf.stack(shifted(x as tf.Tensor3D, before).map((frames) => frames.mul(dy).sum([0, 1]))),
      ],
    };
  })(x, weight) as tf.Tensor3D;
}

/** Zeros around the frames for a filter that sees so many before each one. */
const padTime = (x: tf.Tensor3D, before: number, kernel: number): tf.Tensor3D =>
  tf.pad(x, [[0, 0], [before, kernel - 1 - before], [0, 0]]); // biome-ignore format: one line

/**
 * A 3 × 3 convolution over time and frequency: weight [3, 3, inputs, outputs] (time, frequency), bias [outputs], begun
 * as PyTorch does.
 */
export const convolution2dSpec = (inputs: number, outputs: number) => ({
  weight: new ParameterSpec([3, 3, inputs, outputs], byInputs(9 * inputs)),
  bias: new ParameterSpec([outputs], byInputs(9 * inputs)),
});

/** x [B, T, F, inputs] → [B, ⌈T / 2⌉, ⌈F / 2⌉, outputs]: stride 2, padded by one reflected row on each side. */
export function stridedConvolution2d(
  { weight, bias }: Parameters<ReturnType<typeof convolution2dSpec>>,
  x: tf.Tensor4D,
): tf.Tensor4D {
  return tf.conv2d(reflect(x), weight as tf.Tensor4D, 2, "valid").add(bias);
}

/** Adds to both ends of time and frequency the row next to the border. */
function reflect(x: tf.Tensor4D): tf.Tensor4D {
  for (const axis of [1, 2]) {
    if (x.shape[axis] >= 2) continue;
    throw new RangeError(
      `Cannot convolve features of shape [${x.shape}]: reflection needs two rows at least on axis ${axis}, ` +
        `got ${x.shape[axis]}`,
    );
  }
  return tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"); // biome-ignore format: one line
}
