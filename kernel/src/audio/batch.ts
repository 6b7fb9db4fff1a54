import { tf } from "../tensor";

/** Features of several utterances as one tensor. */
export interface FeatureBatch {
  /** [B, T, mels], zeros where an utterance has ended. */
  features: tf.Tensor3D;
  /** Frames of each utterance before the padding. */
  lengths: number[];
}

/** Options of {@link featureBatch}. */
export interface FeatureBatchOptions {
  /** T becomes a multiple of it (4: the front end takes four frames to one). */
  multiple?: number;
}

/**
 * Stacks features [T_i, mels] to [B, T, mels], with zeros at the end of the shorter ones. The caller disposes the batch.
 *
 * @throws RangeError when there are none or they differ in mels
 */
export function featureBatch(utterances: tf.Tensor2D[], { multiple = 4 }: FeatureBatchOptions = {}): FeatureBatch {
  const mels = utterances[0]?.shape[1];
  const shapes = utterances.map(({ shape }) => `[${shape}]`).join(", ");
  if (utterances.length === 0 || utterances.some(({ shape }) => shape[1] !== mels))
    throw new RangeError(
      `Cannot make a batch: utterances must be one or more and have the same mels, got ${shapes || "none"}`,
    );
  const lengths = utterances.map(({ shape }) => shape[0]);
  const frames = Math.ceil(Math.max(...lengths) / multiple) * multiple;
  const padded = (one: tf.Tensor2D) =>
    one.pad([
      [0, frames - one.shape[0]],
      [0, 0],
    ]) as tf.Tensor2D;
  return { features: tf.tidy(() => tf.stack(utterances.map(padded)) as tf.Tensor3D), lengths };
}
