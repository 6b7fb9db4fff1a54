import { tf } from "../tensor";

/** What {@link GlobalNormalisation} has learned. */
export interface NormalisationState {
  /** Utterances seen. */
  count: number;
  /** [mels] */
  mean: tf.Tensor1D;
  /** [mels] */
  std: tf.Tensor1D;
}

/**
 * Normalises features by the mean and standard deviation of each mel filter, averaged over the utterances seen
 * (SpeechBrain's `InputNormalization` with `norm_type: global`): (x - mean) / std. The paper updates for four epochs,
 * then freezes.
 */
export class GlobalNormalisation {
  private current?: NormalisationState;
  private frozen = false;

  /**
   * Takes one utterance [T, mels] into the averages; once frozen, does nothing.
   *
   * @throws RangeError for fewer than 2 frames, or another number of mels than before
   */
  update(features: tf.Tensor2D): void {
    if (this.frozen) return;
    if (features.shape[0] < 2)
      throw new RangeError(
        `Cannot update the normalisation: an utterance must have at least 2 frames, got ${features.shape[0]}`,
      );
    const before = this.current;
    if (before && before.mean.shape[0] !== features.shape[1])
      throw new RangeError(
        `Cannot update the normalisation: features must have ${before.mean.shape[0]} mels, got ${features.shape[1]}`,
      );
    const [mean, std] = tf.tidy(() => {
      const { mean, std } = statistics(features);
      if (!before) return [mean, std];
      const weight = 1 / (before.count + 1);
      const average = (old: tf.Tensor1D, one: tf.Tensor1D) =>
        tf.add(tf.mul(old, 1 - weight), tf.mul(one, weight)) as tf.Tensor1D;
      return [average(before.mean, mean), average(before.std, std)];
    });
    this.replace({ count: (before?.count ?? 0) + 1, mean, std });
  }

  /**
   * Normalises features [..., mels], padded frames included. The caller disposes the result.
   *
   * @throws Error where no utterance was seen and no state was set
   */
  apply<T extends tf.Tensor>(features: T): T {
    const { mean, std } = this.state;
    return tf.tidy(() => tf.div(tf.sub(features, mean), std) as T);
  }

  /** From now on {@link update} does nothing. */
  freeze(): void {
    this.frozen = true;
  }

  /** The averages themselves, to save: they stay this object's, so do not dispose them. */
  get state(): NormalisationState {
    if (!this.current)
      throw new Error("Cannot normalise: no utterance was seen, call update(features) or set the state first");
    return this.current;
  }

  /** Takes over a copy of saved averages. */
  set state({ count, mean, std }: NormalisationState) {
    this.replace({ count, mean: mean.clone(), std: std.clone() });
  }

  /** Gives the averages' memory back. */
  dispose(): void {
    this.current?.mean.dispose();
    this.current?.std.dispose();
    this.current = undefined;
  }

  private replace(next: NormalisationState): void {
    this.dispose();
    this.current = { count: next.count, mean: tf.keep(next.mean), std: tf.keep(next.std) };
  }
}

/** Mean and unbiased standard deviation of each column of [T, mels]. */
function statistics(features: tf.Tensor2D): { mean: tf.Tensor1D; std: tf.Tensor1D } {
  const mean = tf.mean(features, 0) as tf.Tensor1D;
  const squares = tf.sum(tf.square(tf.sub(features, mean)), 0);
  const std = tf.maximum(tf.sqrt(tf.div(squares, features.shape[0] - 1)), 1e-10) as tf.Tensor1D;
  return { mean, std };
}
