// Failures provoked in real runs: the right signature is told of each. That healthy runs are told nothing is tested where
// models are trained anyway, in pretrain.test.ts, and there alone.
import { fileURLToPath } from "node:url";
import { load, Utterance } from "bestrq/audio";
import { BestRq, type MixerName, mixerNames } from "bestrq/bestrq";
import { statistics } from "bestrq/maps";
import { backend, tf } from "bestrq/tensor";
import { FeatureBatches, Recipe, Watch } from "bestrq/train";
import { beforeAll, expect, test, vi } from "vitest";
import { watched } from "./loop";

vi.setConfig({ testTimeout: 300_000 });
const shipped = fileURLToPath(new URL("../../../../data/speech", import.meta.url));
const small = { channels: [3, 2], width: 12, heads: 2, layers: 1, feedForward: 16, kernel: 5 };
const tiny = (mixer: MixerName, optimizer: { learningRate?: number; warmup?: number }, model = {}) =>
  new Recipe({ mixer, size: "tiny", seed: 2024, optimizer, model });

let speech: readonly Utterance[];
beforeAll(async () => {
  await backend.use("tensorflow");
  const { utterances } = await load(shipped); // a second of each: one shape, which is compiled once
  speech = utterances.map(
    ({ path, name, waveform }) => new Utterance({ path, name, waveform: waveform.slice(8000, 24_000) }),
  );
});

test.each(mixerNames)(
  "a learning rate that is a hundred times too high for %s is told within six steps",
  async (mixer) => {
    const before = tf.memory().numTensors;
    const recipe = tiny(mixer, { learningRate: 0.3, warmup: 12 });
    const model = new BestRq({ ...recipe.model, seed: recipe.seed });
    const batches = new FeatureBatches(speech, { batchSize: 2, seed: recipe.seed });
    const [first] = await watched(model, recipe, 6, { batches });
    expect(first).toMatchObject({ name: "loss-spike" });
    expect(first.message).toMatch(/ Try a learning rate of 0\.1, or a warm-up of 24 steps\. /);
    model.dispose();
    batches.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

test("a head whose weights are frozen at zero guesses one code for all frames", async () => {
  const recipe = tiny("fastformer", { warmup: 20, learningRate: 0.03 }, small);
  const model = new BestRq({ ...recipe.model, seed: recipe.seed });
  const freeze = () => model.parameters.head.weight.assign(tf.zerosLike(model.parameters.head.weight));
  freeze();
  const batches = new FeatureBatches(speech, { batchSize: 1, seed: recipe.seed });
  const told = await watched(model, recipe, 105, { batches, after: () => void tf.tidy(freeze) });
  expect(told.map(({ name, step }) => [name, step])).toEqual([["code-collapse", 100]]);
  model.dispose();
  batches.dispose();
});

test("a batch with a value that is no number is told at its step", async () => {
  const recipe = tiny("mamba", {}, small);
  const model = new BestRq({ ...recipe.model, seed: recipe.seed });
  const healthy = new FeatureBatches(speech, { batchSize: 1, seed: recipe.seed });
  let count = 0;
  const next = () => {
    const { features, lengths } = healthy.next();
    if (++count !== 4) return { features, lengths };
    const broken = tf.tidy(() => tf.where(tf.oneHot(7, 80).cast("bool"), Number.NaN, features) as tf.Tensor3D);
    return { features: broken, lengths };
  };
  const told = await watched(model, recipe, 6, { batches: { next } });
  expect(told.map(({ name, step }) => [name, step])).toEqual([["not-finite", 4]]);
  model.dispose();
  healthy.dispose();
});

test("attention that hears all frames alike is told from its maps, and SummaryMixing is not", async () => {
  const even = new BestRq({ mixer: "mhsa", size: "tiny", seed: 2024 });
  tf.tidy(() => {
    for (const [path, variable] of even.entries())
      if (/mixer\.(query|contentBias|positionBias)/.test(path)) variable.assign(tf.zerosLike(variable));
  });
  const healthy = new BestRq({ mixer: "summarymixing", size: "tiny", seed: 2024 });
  const features = new FeatureBatches(speech.slice(0, 1));
  const short = features.features[0].slice([20, 0], [52, 80]);
  const told = async (model: BestRq) => {
    const recipe = tiny(model.config.mixer, { warmup: 10 });
    const { rows } = await statistics(model, short, { influence: true });
    const watch = new Watch(recipe);
    return [20, 40].flatMap((step) => watch.maps(step, rows)).map(({ name, step }) => [name, step]);
  };
  expect(await told(even)).toEqual([["over-aggregation", 40]]);
  expect(await told(healthy)).toEqual([]);
  short.dispose();
  features.dispose();
  even.dispose();
  healthy.dispose();
});
