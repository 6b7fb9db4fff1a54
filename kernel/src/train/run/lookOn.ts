// What a run is watched by, unless it is given another: the rules of `signatures`, on its steps, its maps and its memory.
import { type BestRq, foresight } from "../../bestrq";
import type { StepMetrics } from "../metrics";
import type { BatchFields, Recipe } from "../recipe";
import { type MapRow, type Signature, Watch } from "../signatures";
import { roundedUp } from "./data";

const framesOfSecond = 100;

/** What maps say of a model in numbers: `maps.statistics` of an utterance, influence among it. */
export type MapsOf = (model: BestRq) => Promise<readonly MapRow[]>;

/** Looks at each step and, where it was validated, at the maps of the model. */
export function lookOn(recipe: Recipe, mapsOf?: MapsOf) {
  const watch = new Watch(recipe);
  return async (metrics: StepMetrics, model?: BestRq): Promise<Signature[]> => {
    const ofStep = watch.step(metrics);
    if (!mapsOf || !model || metrics.validationLoss === undefined) return ofStep;
    return [...ofStep, ...watch.maps(metrics.step, await mapsOf(model))];
  };
}

/** What is to be said before the first step of the largest batch: as many of the longest utterance as it may hold. */
export function foretold(
  recipe: Recipe,
  model: BestRq,
  seconds: ArrayLike<number>,
  utterances: readonly number[],
): Signature[] {
  const longest = utterances.reduce((most, index) => Math.max(most, seconds[index]), 0);
  const work = { ...largestBatch(longest, utterances.length, recipe.batches), train: true };
  return new Watch(recipe).batch(foresight.foretell?.(model, work));
}

/** Utterances of the longest length that a batch may hold: one at least, and no more than there are. */
export function largestBatch(longest: number, count: number, { seconds }: Pick<BatchFields, "seconds">) {
  const batch = Math.min(count, Math.max(1, Math.floor(seconds / longest)));
  return { batch, frames: roundedUp(Math.ceil(framesOfSecond * longest) + 1) };
}
