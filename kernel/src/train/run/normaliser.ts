import type { NormalisationState } from "../../audio";
import { tf } from "../../tensor";

/** What a {@link Normaliser} has learned, as plain data: sums over utterances. */
export interface NormaliserState {
  readonly count: number;
  /** Of the utterances' means, [mels]. */
  readonly means: readonly number[];
  /** Of their standard deviations, [mels]. */
  readonly deviations: readonly number[];
}

/**
 * Global normalisation of features by the mean and the standard deviation of each mel filter, averaged over utterances,
 * as `audio.GlobalNormalisation`; in float64 and as sums, so that processes can learn together, each from its own
 * utterances, and no order matters beyond the last bits.
 */
export class Normaliser {
  /** [1 + 2 mels]: utterances, sums of means, sums of deviations. */
  private readonly sums: Float64Array;

  constructor(private readonly mels: number) {
    this.sums = new Float64Array(1 + 2 * mels);
  }

  /** The same sums over some utterances alone, each [T, mels]: to be added up over processes and then learned. */
  sumsOf(utterances: readonly Float32Array[]): Float64Array {
    const { mels } = this;
    const sums = new Float64Array(1 + 2 * mels);
    for (const values of utterances) {
      const frames = values.length / mels;
      sums[0]++;
      for (let mel = 0; mel < mels; mel++) {
        let sum = 0;
        for (let at = mel; at < values.length; at += mels) sum += values[at];
        const mean = sum / frames;
        let squares = 0;
        for (let at = mel; at < values.length; at += mels) squares += (values[at] - mean) ** 2;
        sums[1 + mel] += mean;
        sums[1 + mels + mel] += Math.max(Math.sqrt(squares / (frames - 1)), 1e-10);
      }
    }
    return sums;
  }

  learn(sums: Float64Array): void {
    for (let i = 0; i < sums.length; i++) this.sums[i] += sums[i];
  }

  /** Writes (x − mean) / deviation of an utterance [T, mels] to `target` from `offset` on. */
  apply(values: Float32Array, target: Float32Array, offset: number): void {
    const { mels } = this;
    const [count] = this.sums;
    for (let mel = 0; mel < mels; mel++) {
      const mean = this.sums[1 + mel] / count;
      const deviation = this.sums[1 + mels + mel] / count;
      for (let at = mel; at < values.length; at += mels) target[offset + at] = (values[at] - mean) / deviation;
    }
  }

  get state(): NormaliserState {
    const [count, ...sums] = this.sums;
    return { count, means: sums.slice(0, this.mels), deviations: sums.slice(this.mels) };
  }

  set state({ count, means, deviations }: NormaliserState) {
    this.sums.set([count, ...means, ...deviations]);
  }

  /** The averages, for an `audio.GlobalNormalisation`. The caller disposes both tensors. */
  averages(): NormalisationState {
    const { count, means, deviations } = this.state;
    const average = (sums: readonly number[]) => tf.tensor1d(sums.map((sum) => sum / count));
    return { count, mean: average(means), std: average(deviations) };
  }
}
