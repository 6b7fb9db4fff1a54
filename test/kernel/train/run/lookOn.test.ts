import { BestRq, foresight } from "bestrq/bestrq";
import { tf } from "bestrq/tensor";
import { Recipe, type StepMetrics } from "bestrq/train";
import { foretold, largestBatch, lookOn, statisticsOf } from "bestrq/train/run/lookOn";
import { Normaliser } from "bestrq/train/run/normaliser";
import { afterEach, expect, test } from "vitest";

const small = { channels: [3, 2], width: 12, heads: 2, layers: 1, feedForward: 16, kernel: 5, codes: 32 };
const recipe = new Recipe({ mixer: "mhsa", size: "tiny", model: small, steps: 50, batches: { seconds: 24 } });
const { look, foretell } = foresight;
afterEach(() => Object.assign(foresight, { look, foretell }));

test("the largest batch holds as many of the longest utterance as its seconds and the corpus allow, one at least", () => {
  expect(largestBatch(5, 100, { seconds: 24 })).toEqual({ batch: 4, frames: 512 }); // 501 frames, rounded up as batches are
  expect(largestBatch(5, 3, { seconds: 24 }).batch).toBe(3);
  expect(largestBatch(30, 100, { seconds: 24 }).batch).toBe(1);
});

test("before the first step it is told what the planner says of the largest batch of those that are trained on", () => {
  const model = new BestRq(recipe.model);
  const asked: object[] = [];
  foresight.foretell = (_, work) => {
    asked.push(work);
    return "it will want 9 GiB, but 1 GiB is free";
  };
  const [signature] = foretold(recipe, model, [3, 50, 7], [0, 2]);
  expect(asked).toEqual([{ batch: 2, frames: 704, train: true }]);
  expect(signature).toMatchObject({ name: "batch-too-large", step: 0 });
  expect(signature.message).toMatch(/^it will want 9 GiB, but 1 GiB is free\. .* See kernel\/docs\/signatures\//);
  foresight.foretell = () => undefined;
  expect(foretold(recipe, model, [3, 50, 7], [0, 2])).toEqual([]);
  foresight.foretell = undefined; // nobody plans
  expect(foretold(recipe, model, [3, 50, 7], [0, 2])).toEqual([]);
  model.dispose();
});

test("maps are looked at after a validation alone, and only where the model is at hand", async () => {
  const model = new BestRq(recipe.model);
  const rows = [{ layer: 0, head: "influence", overAggregation: 1 }];
  let asked = 0;
  const watch = lookOn(recipe, async () => {
    asked++;
    return rows;
  });
  const at = (step: number, validated: boolean) =>
    ({ step, loss: 3, gradientNorm: 1, ...(validated ? { validationLoss: 3 } : {}) }) as unknown as StepMetrics;
  const told = [
    await watch(at(20, false), model),
    await watch(at(21, true)), // as when a run goes on
    await watch(at(30, true), model),
    await watch(at(40, true), model),
  ];
  expect(asked).toBe(2);
  expect(told.flat().map(({ name, step }) => [name, step])).toEqual([["over-aggregation", 40]]);
  model.dispose();
});

test("maps are those of a second of the first utterance held out, normalised; nothing is kept", async () => {
  const before = tf.memory().numTensors;
  const model = new BestRq(recipe.model);
  const normaliser = new Normaliser(80);
  normaliser.learn(normaliser.sumsOf([Float32Array.from({ length: 80 * 50 }, (_, index) => (index % 7) + 1)]));
  const values = Float32Array.from({ length: 80 * 300 }, (_, index) => index % 5);
  const source = { seconds: [1, 3], fingerprint: "", close: async () => {}, load: async () => ({ features: [values], mels: 80, skipped: [] }) }; // biome-ignore format: one line
  const seen: { shape: number[]; first: number }[] = [];
  const rowsOf = statisticsOf(
    async (_, features) => {
      seen.push({ shape: features.shape, first: (await features.data())[1] });
      return { rows: [{ layer: 0, head: "influence", overAggregation: 0.5 }] };
    },
    { source, utterances: [1, 0] },
    normaliser,
  );
  expect(await rowsOf(model)).toEqual([{ layer: 0, head: "influence", overAggregation: 0.5 }]);
  const expected = new Float32Array(80 * 300);
  normaliser.apply(values, expected, 0);
  expect(seen).toEqual([{ shape: [100, 80], first: expected[1] }]);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
