// What a run is watched by, unless it is given another: the rules of `signatures`, on its steps, its maps and its memory.
import { type BestRq, foresight } from "../../bestrq";
import { tf } from "../../tensor";
import type { StepMetrics } from "../metrics";
import type { BatchFields, Recipe } from "../recipe";
import { type MapRow, type Signature, Watch } from "../signatures";
import { batchOf, roundedUp } from "./data";
import type { Normaliser } from "./normaliser";
import type { HeldOut } from "./split";

const framesOfSecond = 100;

/** What maps of a model say in numbers of features [T, mels]: `maps.statistics` with influence. Disposes nothing. */
export type Statistics = (model: BestRq, features: tf.Tensor2D) => Promise<{ readonly rows: readonly MapRow[] }>;

/** Statistics of a second of the first utterance held out, normalised as in training. */
export const statisticsOf =
  (statistics: Statistics, { source, utterances }: HeldOut, normaliser: Normaliser) =>
  async (model: BestRq): Promise<readonly MapRow[]> => {
    const { features: loaded, mels } = await source.load(utterances.slice(0, 1));
    const second = loaded.map((values) => values.subarray(0, framesOfSecond * mels));
    if (second.length === 0) return []; // it could not be read
    const { features, lengths } = batchOf(second, mels, normaliser);
    const example = tf.tidy(() => features.slice([0, 0, 0], [1, lengths[0], mels]).squeeze([0]) as tf.Tensor2D);
    try {
      return (await statistics(model, example)).rows;
    } finally {
      tf.dispose([features, example]);
    }
  };

/** Looks at each step and, where it was validated, at the maps of the model. */
export function lookOn(recipe: Recipe, mapsOf?: (model: BestRq) => Promise<readonly MapRow[]>) {
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
