import { tf } from "../tensor";

/**
 * Sine positions (Vaswani et al. 2017) of any length: [positions.length, width], sin in even columns, cos in odd ones,
 * column 2i and 2i + 1 of position p being sin and cos of p · 10000^(−2i / width). An odd width drops the last cosine.
 */
export function sinusoid(positions: tf.Tensor1D, width: number): tf.Tensor2D {
  const pairs = Math.ceil(width / 2);
  const rates = tf.exp(tf.range(0, pairs).mul((-2 * Math.log(10000)) / width));
  const angles = positions.expandDims(1).mul(rates); // [positions, pairs]
  const waves = tf.stack([tf.sin(angles), tf.cos(angles)], -1).reshape([-1, 2 * pairs]) as tf.Tensor2D;
  return width === 2 * pairs ? waves : waves.slice([0, 0], [-1, width]);
}

/**
 * Positions 0, 1, … of a sequence of frames: [frames, width], for as many frames as there are.
 * The authors' code looks them up in a table that ends after `limit` frames.
 *
 * @throws RangeError where there are more frames than `limit`
 */
export function framePositions(frames: number, width: number, limit = Number.POSITIVE_INFINITY): tf.Tensor2D {
  if (frames > limit) {
    throw new RangeError(
      `Cannot give positions to ${frames} frames: the authors' finite table ends after ${limit}. ` +
        "Cut the audio, or leave finitePositions off, which takes any length",
    );
  }
  return sinusoid(tf.range(0, frames), width);
}
