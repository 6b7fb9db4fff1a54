// The experiment on spoken digits: do the five encoders learn?
import { type MixerName, mixerNames, type Size } from "../../bestrq";

/** What the experiment trains, and how. */
export interface DigitSettings {
  readonly mixers: readonly MixerName[];
  /** Each decides a model's weights, its quantizer, the order of the batches and the masks. */
  readonly seeds: readonly number[];
  readonly size: Size;
  /** Steps of pre-training. */
  readonly steps: number;
  /** Highest learning rate; the warm-up is a fifth of the steps. */
  readonly learningRate: number;
  /** Recordings of one speaker are joined to utterances of up to so many seconds for pre-training; 0 leaves them alone. */
  readonly seconds: number;
  /** Utterances in a batch. */
  readonly batchSize: number;
  /** Share of feature frames that begin a masked block: 0.15 masks 60 % of the frames. */
  readonly maskProbability: number;
}

/** What the table in the README was made with. */
export const digitSettings: DigitSettings = {
  mixers: mixerNames,
  seeds: [1, 2, 3],
  size: "tiny",
  steps: 2000,
  learningRate: 3e-3,
  seconds: 4,
  batchSize: 8,
  maskProbability: 0.15,
};
