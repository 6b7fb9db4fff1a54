import { BestRq, type MixerName, mixerNames } from "bestrq/bestrq";
import { displaySymbol, mapMimeType } from "bestrq/figures";
import { hiddenAttention, mixerMap } from "bestrq/maps";
import { backend, Random, selectiveScan, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { expectClose } from "../reference";

beforeAll(() => backend.use("tensorflow"));

const frames = 47;
const heads: Record<MixerName, number> = { mhsa: 4, hypermixing: 4, fastformer: 4, summarymixing: 1, mamba: 1 };

describe.each(mixerNames)("mixerMap() of %s", (mixer) => {
  test("has one matrix of encoder frames per head, finite, and leaks nothing", async () => {
    const model = new BestRq({ mixer, size: "tiny", seed: 3 });
    const features = new Random(5).normal([frames, 80], 0, 1) as tf.Tensor2D;
    const before = tf.memory().numTensors;
    const map = await mixerMap(model, features, { layer: 1 });
    expect(tf.memory().numTensors).toBe(before);
    expect(map.panels.map(({ shape }) => shape)).toEqual(Array(heads[mixer]).fill([12, 12]));
    for (const { values } of map.panels) {
      expect(values.length).toBe(144);
      expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
      expect(Math.max(...values)).toBeGreaterThan(0);
    }
    model.dispose();
  });
});

describe.each<MixerName>(["mhsa", "fastformer", "summarymixing"])("mixerMap() of %s", (mixer) => {
  test("has rows that are shares", async () => {
    const model = new BestRq({ mixer, size: "tiny", seed: 4 });
    const features = new Random(6).normal([frames, 80], 0, 1) as tf.Tensor2D;
    for (const { values } of (await mixerMap(model, features)).panels) {
      expectClose(tf.tensor2d(values, [12, 12]).sum(1), tf.ones([12]), 1e-5, "sums of rows");
    }
    model.dispose();
  });
});

test("mixerMap() shows itself as a heatmap of the right shape", async () => {
  const model = new BestRq({ mixer: "mhsa", size: "tiny" });
  const map = await mixerMap(model, new Random(1).normal([frames, 80], 0, 1) as tf.Tensor2D);
  const bundle = await map[displaySymbol]();
  expect(bundle["text/plain"]).toContain("12 × 12");
  expect(Object.keys(bundle)).toEqual([mapMimeType, "image/svg+xml", "text/plain"]);
  model.dispose();
});

test("mixerMap() names the layers that there are", async () => {
  const model = new BestRq({ mixer: "mhsa", size: "tiny" });
  await expect(mixerMap(model, tf.zeros([40, 80]), { layer: 2 })).rejects.toThrow(
    "Cannot map layer 2: the model has layers 0 to 1",
  );
  model.dispose();
});

test("hiddenAttention() is what the scan does to unit impulses", async () => {
  const [length, channels, states] = [11, 5, 3];
  const random = new Random(9);
  const step = random.uniform([1, length, channels], 0.05, 0.7) as tf.Tensor3D;
  const decay = tf.neg(random.uniform([channels, states], 0.2, 2)) as tf.Tensor2D;
  const inputMap = random.normal([1, length, states], 0, 1) as tf.Tensor3D;
  const outputMap = random.normal([1, length, states], 0, 1) as tf.Tensor3D;
  const skip = random.normal([channels], 0, 1) as tf.Tensor1D;
  const columns = Array.from({ length }, (_, frame) => {
    const impulse = tf
      .oneHot(tf.fill([1], frame, "int32"), length)
      .cast("float32")
      .reshape([1, length, 1]);
    const x = impulse.tile([1, 1, channels]) as tf.Tensor3D;
    return selectiveScan(x, step, decay, inputMap, outputMap, skip).abs().mean(-1).reshape([length]);
  });
  const { values, shape } = await hiddenAttention({ step, decay, inputMap, outputMap, skip });
  expectClose(tf.tensor2d(values, shape), tf.stack(columns, 1), 1e-5, "hidden attention");
});
