import type { FeatureSource } from "../../corpora";
import { Random } from "../../tensor";
import type { Recipe } from "../recipe";

/** Speech to validate on. */
export interface HeldOut {
  readonly source: FeatureSource;
  readonly utterances: readonly number[];
}

/**
 * Which utterances are trained on, and which are held out for validation: a share of them that the seed decides, or those
 * of a set that is given. Too short and too long ones are left out of both.
 *
 * @throws RangeError where nothing is left to train on, or to validate on
 */
export function split(
  recipe: Recipe,
  speech: FeatureSource,
  validation?: FeatureSource,
): { training: number[]; heldOut?: HeldOut } {
  const all = fitting(speech, recipe, "train");
  const { every, share } = recipe.validation;
  if (every === 0) return { training: all };
  if (validation)
    return { training: all, heldOut: { source: validation, utterances: fitting(validation, recipe, "validate") } };
  const count = Math.min(Math.ceil(share * all.length), all.length - 1);
  if (count === 0) return { training: all };
  const chosen = new Set(new Random(recipe.seed).fork("held out").choose(all.length, count));
  const utterances = all.filter((_, index) => chosen.has(index));
  return { training: all.filter((_, index) => !chosen.has(index)), heldOut: { source: speech, utterances } };
}

function fitting({ seconds }: FeatureSource, { batches: { shortest, longest } }: Recipe, verb: string): number[] {
  const indices = Array.from({ length: seconds.length }, (_, index) => index);
  const fit = indices.filter((index) => seconds[index] >= shortest && seconds[index] <= longest);
  if (fit.length > 0) return fit;
  const lengths = Array.from(seconds).sort((a, b) => a - b);
  const got =
    lengths.length === 0 ? "none" : `${lengths.length} of ${lengths[0].toFixed(2)} to ${lengths.at(-1)?.toFixed(2)} s`;
  throw new RangeError(
    `Cannot ${verb}: there must be utterances of ${shortest} to ${longest} s (batches.shortest, batches.longest), got ${got}`,
  );
}
