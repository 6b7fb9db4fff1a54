// What a recipe consists of.
import type { BestRqConfig, MixerName, Size, Variant } from "../../bestrq";

/** How the corpus is dealt into batches. */
export interface BatchFields {
  /** Seconds of audio in a batch, padding included, at most (paper: 400 on each GPU). */
  readonly seconds: number;
  /** Groups of about equal length that utterances are batched in, so that little is padding (paper: 150). */
  readonly buckets: number;
  /** Shorter utterances are left out, in seconds (paper: 2). */
  readonly shortest: number;
  /** Longer utterances are left out, in seconds (paper: 60). */
  readonly longest: number;
}

/** AdamW, Noam's schedule, clipping. */
export interface OptimizerFields {
  /** Highest learning rate, reached after the warm-up (paper: 8e-4). */
  readonly learningRate: number;
  /** Steps of linear warm-up (paper: 25,000). */
  readonly warmup: number;
  /** Memory of the gradients' mean (paper: 0.9). */
  readonly beta1: number;
  /** Memory of their mean square (paper: 0.98). */
  readonly beta2: number;
  /** Keeps divisors from zero (paper: 1e-8). */
  readonly epsilon: number;
  /** Decoupled weight decay (paper: 0.01). */
  readonly weightDecay: number;
  /** Largest joint norm of the gradients (paper: 10). */
  readonly clip: number;
}

/** How a run is measured on speech that it is not trained on. */
export interface ValidationFields {
  /** Steps from one validation to the next; 0: never. */
  readonly every: number;
  /** Share of the utterances held out for it, where no validation set is given. */
  readonly share: number;
}

/** When a run is saved. */
export interface CheckpointFields {
  /** Steps from one checkpoint to the next; 0: only at the end, and where the run is stopped. */
  readonly every: number;
  /** How many of the last ones stay, beside the best. */
  readonly keep: number;
}

/** Everything that decides a run, beside its audio: see {@link Recipe}. */
export interface RecipeFields {
  /** What stands in the place of self-attention. */
  readonly mixer: MixerName;
  /** `tiny`, `base`, `large`, or a second model that the authors trained in a size. */
  readonly size: Size | Variant;
  /** Decides everything that is drawn: parameters, order of batches, masks, dropout (paper: 1000; Mamba `large`: 84). */
  readonly seed: number;
  /** Optimizer steps (paper: 205,000 at most). */
  readonly steps: number;
  /** The encoder, its masking and dropout. */
  readonly model: BestRqConfig;
  readonly batches: BatchFields;
  /** Batches whose gradients make one step, over all processes (paper: 2 on each of 8 GPUs). */
  readonly accumulation: number;
  /** Epochs in which the normalisation learns mean and deviation of the features; then it is frozen (paper: 4). */
  readonly normalisationEpochs: number;
  readonly optimizer: OptimizerFields;
  readonly validation: ValidationFields;
  readonly checkpoints: CheckpointFields;
}

type Part<T> = { readonly [Name in keyof T]?: T[Name] extends readonly unknown[] ? T[Name] : Part<T[Name]> };

/** A mixer, a size, and what is to differ from the recipe of that name. */
export type RecipeOptions = {
  readonly mixer: MixerName;
  /** Default: `base`. */
  readonly size?: Size | Variant;
  /** The authors' code with its slips: see `paper` of {@link BestRqOptions}. */
  readonly paper?: boolean;
} & Part<Omit<RecipeFields, "mixer" | "size">>;
