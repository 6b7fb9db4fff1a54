// What each mixer's maps look like on paper, of a small model with random weights. TensorFlow.js's plain JavaScript
// computes them, the same on every machine. After a wanted change: npx vitest -u, and look.
import { BestRq, type MixerName, mixerNames } from "bestrq/bestrq";
import { compare, influence, mixerMap, statistics } from "bestrq/maps";
import { Random, tf } from "bestrq/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectGolden } from "../figures/golden";
import { useBackend } from "../tensor/backends";

const frames = 61;
const mels = 8;
const sizes = { mels, channels: [3, 2], width: 12, heads: 2, layers: 2, feedForward: 16, kernel: 5, codes: 11 };
const models = new Map<MixerName, BestRq>();
const modelOf = (mixer: MixerName) => models.get(mixer) as BestRq;
let features: tf.Tensor2D;

describe("on plain JavaScript", () => {
  beforeAll(async () => {
    await useBackend("cpu");
    features = new Random(5).normal([frames, mels], 0, 1) as tf.Tensor2D;
    for (const mixer of mixerNames) models.set(mixer, new BestRq({ mixer, size: "tiny", ...sizes, seed: 3 }));
  });
  afterAll(() => {
    tf.dispose(features);
    for (const model of models.values()) model.dispose();
  });

  test.each(mixerNames)("the map of %s, and what else it says, are drawn as their golden files", async (mixer) => {
    const map = await mixerMap(modelOf(mixer), features, { layer: 1 });
    await expectGolden(`${mixer}Map`, await map.figure().svg());
    if (map.matrices) await expectGolden(`${mixer}Matrices`, await map.matrices.figure().svg());
    if (map.curves) await expectGolden(`${mixer}Curves`, await map.curves.figure().svg());
    expect([map.matrices !== undefined, map.curves !== undefined]).toEqual([
      ["hypermixing", "fastformer", "mamba"].includes(mixer),
      ["fastformer", "summarymixing", "mamba"].includes(mixer),
    ]);
  });

  test("influence, a comparison and its numbers are drawn as their golden files", async () => {
    const pair = [modelOf("mhsa"), modelOf("summarymixing")];
    await expectGolden("influenceOfMixer", await (await influence(pair[0], features)).figure().svg());
    await expectGolden("comparison", await (await compare(pair, features)).figure().svg());
    const numbers = await statistics(pair, features);
    await expectGolden("statistics", await numbers.figure().svg());
    await expectGolden("statisticsCurves", await numbers.curves.svg());
  });
});
