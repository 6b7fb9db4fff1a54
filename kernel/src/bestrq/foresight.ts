// Who is told what a model is about to run on, before it does. Off, it costs one branch.
import type { BestRq } from "./model";

/** A batch that a model is about to meet. */
export interface ComingWork {
  readonly batch: number;
  /** Feature frames of the longest utterance. */
  readonly frames: number;
  readonly train: boolean;
}

/** `profile` sets both, to warn where memory will not do. */
export const foresight: {
  /** Called before each batch. */
  look?: (model: BestRq, work: ComingWork) => void;
  /** What there is to warn of, told to whoever asks, once for each work. */
  foretell?: (model: BestRq, work: ComingWork) => string | undefined;
} = {};
