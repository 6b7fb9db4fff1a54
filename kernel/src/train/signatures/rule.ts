import type { StepMetrics } from "../metrics";
import type { RecipeFields } from "../recipe";
import type { SignatureName } from "./signature";

/** What is looked at of a step; where codes are not counted, nothing is said of them. */
export type WatchedStep = Pick<StepMetrics, "step" | "loss" | "gradientNorm"> &
  Partial<Pick<StepMetrics, "codesInUse" | "codesGuessed">>;

/** How one signature is told from what is seen of a run, one after the other. */
export interface Rule<State, Seen = WatchedStep> {
  readonly name: SignatureName;
  /** What it knows before the first: plain data, which it changes, and which is stored with a checkpoint. */
  begin(): State;
  /** Takes one in. What is to be noticed at it, with the numbers; undefined where nothing is. */
  see(seen: Seen, state: State, recipe: RecipeFields): string | undefined;
}

/** A number of a message: three digits are enough. */
export const shown = (value: number): string => String(Number(value.toPrecision(3)));
