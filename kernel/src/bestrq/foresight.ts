// Who is told what a model is about to run on, before it does. Off, it costs one branch.
import type { BestRq } from "./model";

/** A batch that a model is about to meet. */
export interface ComingWork {
  readonly batch: number;
  /** Feature frames of the longest utterance. */
  readonly frames: number;
  readonly train: boolean;
}

/** `look` is called before each batch: `profile` sets it, to warn where memory will not do. */
export const foresight: { look?: (model: BestRq, work: ComingWork) => void } = {};
