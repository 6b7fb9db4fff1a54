import { BestRq } from "bestrq/bestrq";
import { displaySymbol } from "bestrq/figures";
import { compare, mixerMap, overTraining, statistics } from "bestrq/maps";
import { numbersOf } from "bestrq/maps/statistics";
import { backend, Random, type tf } from "bestrq/tensor";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => backend.use("auto"));

const frames = 11;
const matrix = (weight: (i: number, j: number) => number) =>
  Float32Array.from({ length: frames ** 2 }, (_, at) => weight(Math.floor(at / frames), at % frames));
const numbers = (weight: (i: number, j: number) => number) => numbersOf(matrix(weight), frames, 0.04);

test("numbersOf() a frame that hears itself alone: no distance, no entropy, nothing in common", () => {
  const alone = numbers((i, j) => (i === j ? -3 : 0));
  expect(alone).toMatchObject({ meanDistance: 0, locality: 1, entropy: 0, overAggregation: 0 });
  expect(alone.similarity).toBeCloseTo(1 / frames, 6);
});

test("numbersOf() frames that hear all alike: over-aggregation 1", () => {
  const all = numbers(() => 0.5);
  // The mean of |i − j| over all pairs is (n² − 1) / 3n.
  expect(all.meanDistance).toBeCloseTo((0.04 * (frames ** 2 - 1)) / (3 * frames), 6);
  expect(all.entropy).toBeCloseTo(1, 6);
  expect(all.similarity).toBeCloseTo(1, 6);
  expect(all.overAggregation).toBeCloseTo(1, 6);
});

test("numbersOf() frames that hear one alike: alike, but no over-aggregation", () => {
  const one = numbers((_, j) => (j === 5 ? 1 : 0));
  expect(one.similarity).toBeCloseTo(1, 6);
  expect(one).toMatchObject({ entropy: 0, overAggregation: 0 });
});

test("numbersOf() counts what lies within 0.2 s, and leaves out rows without weight", () => {
  const edge = numbers((i, j) => (i === 0 && (j === 5 || j === 6) ? 1 : 0));
  expect(edge.locality).toBeCloseTo(0.5, 6);
  expect(edge.meanDistance).toBeCloseTo(0.04 * 5.5, 6);
  expect(edge.similarity).toBeCloseTo(1, 6);
});

const features = () => new Random(5).normal([44, 80], 0, 1) as tf.Tensor2D;

test("statistics() has a row for each layer and head and warns of over-aggregation in its table", async () => {
  const model = new BestRq({ mixer: "fastformer", size: "tiny" });
  const report = await statistics(model, features(), { influence: true });
  const places = report.rows.map(({ layer, head }) => `${layer} ${head}`);
  const heads = ["head 1", "head 2", "head 3", "head 4", "influence"];
  expect(places).toEqual([0, 1].flatMap((layer) => heads.map((head) => `${layer} ${head}`)));
  for (const { head, similarity } of report.rows) if (head !== "influence") expect(similarity).toBeCloseTo(1, 5);
  const bundle = report[displaySymbol]();
  // Before training the shares of all frames are nearly the same.
  const warning =
    /Warning: fastformer, layer 0, head 1: over-aggregation (0\.9\d|1\.00) of 1, it treats all frames alike/;
  expect(bundle["text/plain"]).toMatch(warning);
  expect(bundle["text/markdown"]).toMatch(warning);
  const curves = await report.curves[displaySymbol]();
  expect(curves["image/svg+xml"]).toContain("over-aggregation");
  model.dispose();
});

test("compare() places the panels of all models, layers and heads", async () => {
  const models = (["mhsa", "mamba"] as const).map((mixer) => new BestRq({ mixer, size: "tiny" }));
  const map = await compare(models, features());
  expect(map.panels.map(({ at }) => at)).toEqual(
    [0, 1]
      .flatMap((layer) => [1, 2, 3, 4].map((head) => ({ mixer: "mhsa", layer, head: `head ${head}` }) as object))
      .concat([0, 1].map((layer) => ({ mixer: "mamba", layer, head: "both directions" }))),
  );
  expect(map.along?.features).toMatchObject({ frames: 44, mels: 80, secondsPerFrame: 0.01 });
  expect((await map[displaySymbol]())["text/plain"]).toContain("11 × 11");
  const measured = await compare(models, features(), {
    layers: [1],
    influence: { method: "estimate", projections: 2 },
  });
  expect(measured.panels.map(({ name }) => name)).toEqual(["mhsa, layer 1", "mamba, layer 1"]);
  for (const model of models) model.dispose();
});

test("overTraining() gives each panel the step of its map", async () => {
  const model = new BestRq({ mixer: "summarymixing", size: "tiny" });
  const map = await mixerMap(model, features());
  const slider = overTraining([
    { step: 0, map },
    { step: 60, map },
  ]);
  const at = { mixer: "summarymixing", layer: 0, head: "all heads" };
  expect(slider.panels.map((panel) => panel.at)).toEqual([
    { ...at, checkpoint: 0 },
    { ...at, checkpoint: 60 },
  ]);
  expect(await slider.panels[1].values()).toEqual(await map.panels[0].values());
  expect(() => overTraining([])).toThrow("Cannot show training: give at least one map, got none");
  model.dispose();
});
