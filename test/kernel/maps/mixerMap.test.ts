import { BestRq, type MixerName, mixerNames } from "bestrq/bestrq";
import { displaySymbol, mapMimeType } from "bestrq/figures";
import { mixerMap } from "bestrq/maps";
import { Random, tf } from "bestrq/tensor";
import { pretrain } from "bestrq/train";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, relativeError, useBackend } from "../tensor/backends";

const frames = 47;
const heads: Record<MixerName, number> = { mhsa: 4, hypermixing: 4, fastformer: 4, summarymixing: 1, mamba: 1 };
const small = { mels: 8, channels: [3, 2], width: 12, layers: 2, feedForward: 16, kernel: 5, codes: 11 };
const modelOf = (mixer: MixerName) => {
  const summaryMixing = { localHidden: 7, local: 5, summaryHidden: 11 };
  const sizes = { ...small, heads: heads[mixer], summaryMixing, dropout: 0, layerDrop: 0 };
  return new BestRq({ mixer, size: "tiny", ...sizes, seed: 3 });
};
const featuresOf = (length = frames) => new Random(5).normal([length, small.mels], 0, 1) as tf.Tensor2D;

describe.each(everyBackend)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(mixerNames)(
    "mixerMap() of %s has one matrix a head, of shares or sizes, and leaks nothing",
    async (mixer) => {
      const model = modelOf(mixer);
      const features = featuresOf();
      const before = tf.memory().numTensors;
      const map = await mixerMap(model, features, { layer: 1 });
      model.dispose(); // the map needs it no more
      const values = await Promise.all(map.panels.map((panel) => panel.values()));
      expect(tf.memory().numTensors).toBe(before - model.entries().length - 2);
      expect(map.panels.map(({ shape }) => shape)).toEqual(Array(heads[mixer]).fill([12, 12]));
      for (const matrix of values) {
        expect(matrix).toHaveLength(144);
        expect(matrix.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
        const sums = Array.from({ length: 12 }, (_, i) => matrix.slice(12 * i, 12 * i + 12).reduce((a, b) => a + b));
        if (["hypermixing", "mamba"].includes(mixer)) expect(Math.min(...sums)).toBeGreaterThan(0);
        else expect(relativeError(sums, Array(12).fill(1))).toBeLessThan(1e-5);
      }
      features.dispose();
    },
  );
});

describe("on wasm", () => {
  beforeAll(() => useBackend("wasm"));

  test.each(mixerNames)(
    "mixerMap() of %s gives a padded utterance of a batch what it gives it alone",
    async (mixer) => {
      const model = modelOf(mixer);
      const [longer, shorter] = [featuresOf(48), featuresOf(28)]; // whole encoder frames
      const noise = new Random(8).normal([20, small.mels], 0, 9) as tf.Tensor2D;
      const batch = { features: tf.stack([longer, tf.concat([shorter, noise])]) as tf.Tensor3D, lengths: [48, 28] };
      const alone = await mixerMap(model, shorter);
      const padded = await mixerMap(model, batch, { utterance: 1 });
      for (const [index, panel] of padded.panels.entries()) {
        expect(panel.shape).toEqual([7, 7]);
        expect(relativeError(await panel.values(), await alone.panels[index].values())).toBeLessThan(1e-4);
      }
      for (const [index, { series }] of (padded.curves?.quantities ?? []).entries()) {
        const expected = alone.curves!.quantities[index].series;
        for (const [each, { values }] of series.entries()) {
          expect(relativeError(values, expected[each].values)).toBeLessThan(1e-4);
        }
      }
      model.dispose();
    },
  );

  test("a map stays what it was while the model trains on", async () => {
    const model = modelOf("mhsa");
    const features = featuresOf();
    const map = await mixerMap(model, features);
    const before = await map.panels[0].values();
    const batch = { features: features.expandDims(0) as tf.Tensor3D, lengths: [frames] };
    for await (const _ of pretrain(model, { next: () => batch }, { steps: 1 }));
    expect(await map.panels[0].values()).toEqual(before);
    const after = await (await mixerMap(model, features)).panels[0].values();
    expect(relativeError(after, before)).toBeGreaterThan(1e-3);
    model.dispose();
  });

  test("a map shows itself as a heatmap, its matrices and curves as figures of their own", async () => {
    for (const mixer of mixerNames) {
      const model = modelOf(mixer);
      const map = await mixerMap(model, featuresOf());
      const bundle = await map[displaySymbol]();
      expect(bundle["text/plain"]).toContain("12 × 12");
      expect(Object.keys(bundle)).toEqual(
        expect.arrayContaining([expect.stringContaining("vnd.bestrq.map"), "image/svg+xml"]),
      );
      expect(mapMimeType in bundle).toBe(true);
      if (map.matrices) expect((await map.matrices[displaySymbol]())["image/svg+xml"]).toContain("<svg");
      if (map.curves) expect((await map.curves[displaySymbol]())["image/svg+xml"]).toContain("<svg");
      model.dispose();
    }
  });

  test("mixerMap() names the layers, utterances and channels that there are", async () => {
    const model = modelOf("mamba");
    const map = (options: object) => mixerMap(model, featuresOf(), options);
    await expect(map({ layer: 2 })).rejects.toThrow("Cannot map layer 2: the model has layers 0 to 1");
    await expect(map({ utterance: 1 })).rejects.toThrow("Cannot map utterance 1: the batch has utterances 0 to 0");
    await expect(map({ channel: 24 })).rejects.toThrow("Cannot map channel 24: the scan has channels 0 to 23");
    model.dispose();
  });
});
