import { BestRq } from "bestrq/bestrq";
import { averageFeatures, averageStates } from "bestrq/probes";
import { Random, tf } from "bestrq/tensor";
import { describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

const lengths = [37, 8, 53, 20, 41]; // neither sorted nor of one batch
const small = { size: "tiny", channels: [3, 2], width: 12, heads: 2, layers: 2, feedForward: 16, kernel: 5, mels: 13 } as const; // biome-ignore format: one line
const draw = () => lengths.map((frames, index) => new Random(index).normal<tf.Rank.R2>([frames, small.mels]));

describe.each(everyBackend)("on %s", (name) => {
  test.each(["mhsa", "mamba"] as const)(
    "averageStates() of %s gives each utterance what it gives it alone, whatever its batch",
    async (mixer) => {
      await useBackend(name);
      const before = tf.memory().numTensors;
      const model = new BestRq({ mixer, ...small });
      const made = tf.memory().numTensors;
      const features = draw();
      const averages = await averageStates(model, features, { batchSize: 2 });
      expect(averages.shape).toEqual([small.layers + 1, lengths.length, small.width]);
      const got = await averages.data();
      for (const [index, one] of features.entries()) {
        const states: tf.Tensor3D[] = [];
        const batch = tf.tidy(() => one.pad([[0, 64 - lengths[index]], [0, 0]]).expandDims(0) as tf.Tensor3D); // biome-ignore format: one line
        model.encode({ features: batch, lengths: [lengths[index]] }, { states }).dispose();
        for (const [layer, state] of states.entries()) {
          const frames = Math.ceil(lengths[index] / 4);
          const expected = tf.tidy(() => state.slice([0, 0, 0], [1, frames, small.width]).mean(1));
          const values = await expected.data();
          const start = (layer * lengths.length + index) * small.width;
          for (const [d, value] of values.entries()) expect(got[start + d]).toBeCloseTo(value, 4);
          expected.dispose();
        }
        tf.dispose([batch, states]);
      }
      tf.dispose([averages, features]);
      expect(tf.memory().numTensors).toBe(made);
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test("averageFeatures() gives mean and deviation over time", async () => {
    await useBackend(name);
    const before = tf.memory().numTensors;
    const features = draw();
    const averages = averageFeatures(features, { deviation: true });
    expect(averages.shape).toEqual([1, lengths.length, 2 * small.mels]);
    const got = await averages.data();
    for (const [index, one] of features.entries()) {
      const values = await one.data();
      const column = Array.from({ length: lengths[index] }, (_, t) => values[t * small.mels + 3]);
      const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
      expect(got[index * 2 * small.mels + 3]).toBeCloseTo(mean, 5);
      expect(got[index * 2 * small.mels + small.mels + 3]).toBeCloseTo(Math.sqrt(variance), 5);
    }
    averages.dispose();
    const means = averageFeatures(features);
    expect(means.shape).toEqual([1, lengths.length, small.mels]);
    tf.dispose([means, features]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("averages need utterances", async () => {
  await useBackend("wasm");
  expect(() => averageFeatures([])).toThrow("Cannot average over time: there must be utterances, got none");
  await expect(averageStates(undefined as unknown as BestRq, [])).rejects.toThrow("there must be utterances");
});
