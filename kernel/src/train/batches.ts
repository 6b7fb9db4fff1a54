import { featureBatch, filterbank, GlobalNormalisation, type Utterance } from "../audio";
import type { Features } from "../bestrq";
import { batches as deal } from "../corpora";
import { Random, tf } from "../tensor";

/** How {@link FeatureBatches} groups utterances. */
export interface FeatureBatchesOptions {
  /** Utterances in a batch, at most (default 8). */
  readonly batchSize?: number;
  /** Seconds of speech in a batch, at most (default: no limit). */
  readonly seconds?: number;
  /** Decides the order of every epoch (default 1). */
  readonly seed?: number;
  /** Mel bands (default 80). */
  readonly mels?: number;
  /** Frames of a batch become a multiple of it (default 4). Few lengths, such as multiples of 100, are each compiled once. */
  readonly multiple?: number;
}

/**
 * The features of a few minutes of speech, kept in memory: filterbanks of all utterances, normalised together, dealt
 * anew into batches every epoch.
 */
export class FeatureBatches {
  /** Normalised features [T, mels] of every utterance. */
  readonly features: readonly tf.Tensor2D[];
  readonly normalisation = new GlobalNormalisation();
  private readonly seconds: readonly { seconds: number }[];
  private readonly random: Random;
  private current?: Features;
  private queue: number[][] = [];

  /** @throws RangeError where there are no utterances, or one is shorter than two frames */
  constructor(
    utterances: readonly Utterance[],
    private readonly options: FeatureBatchesOptions = {},
  ) {
    if (utterances.length === 0) throw new RangeError("Cannot make batches of no utterances: load some speech first");
    const short = utterances.find(({ seconds }) => seconds < 0.01);
    if (short) throw new RangeError(`Cannot make batches: ${short} has less than two frames of 10 ms. Leave it out`);
    const raw = utterances.map(({ waveform }) => filterbank(waveform, { mels: options.mels }));
    for (const features of raw) this.normalisation.update(features);
    this.normalisation.freeze();
    this.features = raw.map((features) => this.normalisation.apply(features));
    tf.dispose(raw);
    this.seconds = utterances.map(({ seconds }) => ({ seconds }));
    this.random = new Random(options.seed ?? 1).fork("batches");
  }

  /** The next batch. It is freed when the next one is asked for. */
  next(): Features {
    if (this.queue.length === 0) {
      const { batchSize = 8, seconds } = this.options;
      this.queue = deal(this.seconds, { batchSize, seconds, random: this.random });
    }
    this.current?.features.dispose();
    const indices = this.queue.shift() as number[];
    const { multiple } = this.options;
    this.current = featureBatch(
      indices.map((index) => this.features[index]),
      { multiple },
    );
    return this.current;
  }

  /** Frees all features. */
  dispose(): void {
    tf.dispose([...this.features]);
    this.current?.features.dispose();
    this.normalisation.dispose();
  }
}
