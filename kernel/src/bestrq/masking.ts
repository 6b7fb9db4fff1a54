import { type Random, tf } from "../tensor";

/** One mask for a whole batch: which encoder frames are hidden, and the noise that stands in their features' place. */
export interface Mask {
  /** Masked encoder frames, ascending. */
  readonly frames: readonly number[];
  /** [B, frames.length · stride, mels]: noise in the order of the frames. */
  readonly noise: tf.Tensor3D;
}

/** How {@link drawMask} masks. */
export interface MaskOptions {
  /** Share of feature frames that begin a block: of blocks of 4 frames, 0.15 masks about 60 % (paper: 0.15). */
  readonly probability: number;
  /** Feature frames that become one encoder frame, and the length of a block (paper: 4, which is 40 ms). */
  readonly stride: number;
  /** Standard deviation of the noise (paper: 0.1). */
  readonly noise?: number;
}

/**
 * Draws the mask of a batch as the paper does: the shortest utterance decides, so that no utterance is masked in its
 * padding. From its ⌊length / stride⌋ blocks, ⌊probability · length + u⌋ are chosen without replacement, u uniform in
 * [0, 1), at least one.
 *
 * @param lengths feature frames of each utterance
 * @throws RangeError where the shortest utterance is shorter than one block
 */
export function drawMask(lengths: readonly number[], mels: number, options: MaskOptions, random: Random): Mask {
  const { probability, stride, noise = 0.1 } = options;
  const shortest = Math.min(...lengths);
  const blocks = Math.floor(shortest / stride);
  if (blocks < 1) {
    throw new RangeError(
      `Cannot mask a batch whose shortest utterance has ${shortest} frames: a block takes ${stride}. Leave such utterances out`,
    );
  }
  const count = Math.min(blocks, Math.max(1, Math.floor(probability * shortest + random.next())));
  const frames = random.choose(blocks, count);
  return { frames, noise: random.normal([lengths.length, count * stride, mels], 0, noise) as tf.Tensor3D };
}

/** features [B, T, mels] with the masked frames replaced by the mask's noise. */
export function applyMask(features: tf.Tensor3D, { frames, noise }: Mask): tf.Tensor3D {
  return tf.tidy(() => {
    const length = features.shape[1];
    const stride = noise.shape[1] / frames.length;
    const source = Int32Array.from({ length }, (_, frame) => frame);
    frames.forEach((block, index) => {
      for (let k = 0; k < stride; k++) source[block * stride + k] = length + index * stride + k;
    });
    return tf.gather(tf.concat([features, noise], 1), tf.tensor1d(source, "int32"), 1);
  });
}
