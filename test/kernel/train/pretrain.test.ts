import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load, Utterance } from "bestrq/audio";
import { BestRq, mixerNames } from "bestrq/bestrq";
import { joinUtterances, loadDigits } from "bestrq/corpora";
import { backend, Random, tf } from "bestrq/tensor";
import {
  AdamW,
  clip,
  FeatureBatches,
  forwardBackward,
  noam,
  type PretrainStep,
  pretrain,
  Recipe,
  Watch,
} from "bestrq/train";
import { beforeAll, describe, expect, test } from "vitest";
import { expectClose } from "../reference";
import { everyBackend, useBackend } from "../tensor/backends";

const digits = fileURLToPath(new URL("../../../../shared/data/fsdd/recordings", import.meta.url));
const shipped = fileURLToPath(new URL("../../../data/speech", import.meta.url));

/** Utterances of about three seconds: spoken digits of six people where they stand beside the checkout, else the shipped speech. */
async function speech() {
  if (!existsSync(digits)) return (await load(shipped)).utterances;
  const { utterances } = await loadDigits(digits, { split: "test" });
  return joinUtterances(utterances, { seconds: 3, random: new Random(1) });
}

/** A model that takes no time. */
const small = { size: "tiny", channels: [3, 2], width: 12, heads: 2, layers: 1, feedForward: 16, kernel: 5 } as const;

const mean = (steps: readonly PretrainStep[], pick: (step: PretrainStep) => number) =>
  steps.reduce((sum, step) => sum + pick(step), 0) / steps.length;

test.each(mixerNames)(
  "pretrain() teaches %s: the masked loss falls, the accuracy leaves chance behind, and no failure is told",
  async (mixer) => {
    await backend.use("tensorflow"); // at the speed of the fastest
    const seed = 2024;
    console.log(`${mixer}, seed ${seed}`);
    const batches = new FeatureBatches(await speech(), { batchSize: 4, seed, multiple: 304 }); // few lengths to compile
    const model = new BestRq({ mixer, size: "tiny", seed });
    const count = 45;
    const watch = new Watch(new Recipe({ mixer, size: "tiny", steps: count, seed }));
    const steps: PretrainStep[] = [];
    for await (const step of pretrain(model, batches, { steps: count, seed })) {
      steps.push(step);
      expect(watch.step(step)).toEqual([]);
    }
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    const [first, last] = [steps.slice(0, 5), steps.slice(-10)];
    expect(mean(last, ({ loss }) => loss)).toBeLessThan(mean(first, ({ loss }) => loss) - 1);
    expect(mean(last, ({ accuracy }) => accuracy)).toBeGreaterThan(10 * steps[0].chance);
    model.dispose();
    batches.dispose();
  },
  600_000,
);

describe.each(everyBackend)("pretrain() on %s", (name) => {
  beforeAll(() => useBackend(name));

  /** Two fifths of a second each. */
  const short = async () =>
    (await load(shipped)).utterances.slice(0, 5).map(({ path, name, waveform }) => {
      return new Utterance({ path, name, waveform: waveform.slice(8000, 14_400) });
    });

  test("gives the same numbers for the same seed, and frees all that it makes", async () => {
    const utterances = await short();
    const run = async (seed: number) => {
      const before = tf.memory().numTensors;
      const batches = new FeatureBatches(utterances, { batchSize: 2, seed });
      const model = new BestRq({ mixer: "fastformer", ...small, seed });
      const losses: number[] = [];
      for await (const { loss } of pretrain(model, batches, { steps: 2, seed })) losses.push(loss);
      model.dispose();
      batches.dispose();
      expect(tf.memory().numTensors).toBe(before);
      return losses;
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  test("frees its optimizer where the loop is left early", async () => {
    const batches = new FeatureBatches((await short()).slice(0, 2));
    const model = new BestRq({ mixer: "fastformer", ...small });
    batches.next();
    const before = tf.memory().numTensors;
    for await (const { step } of pretrain(model, batches, { steps: 9 })) if (step === 2) break;
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
    batches.dispose();
  });

  test("stops at a loss that is not finite, and says what helps", async () => {
    const model = new BestRq({ mixer: "fastformer", ...small });
    const broken = { features: tf.fill([1, 40, 80], Number.NaN) as tf.Tensor3D, lengths: [40] };
    const run = pretrain(model, { next: () => broken }, { steps: 2 });
    await expect(run.next()).rejects.toThrow("Cannot go on training at step 1: the loss is NaN");
    model.dispose();
  });
});

describe.each(everyBackend)("on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("forwardBackward() gives the gradient that finite differences give", async () => {
    const model = new BestRq({ mixer: "summarymixing", ...small, seed: 5 });
    const batch = { features: new Random(6).normal([2, 40, 80], 0, 1) as tf.Tensor3D, lengths: [40, 33] };
    const pass = forwardBackward(model, batch, new Random(7));
    const entries = model.entries();
    const index = entries.findIndex(([path]) => path === "encoder.layers.0.mixer.merge.bias");
    const [, bias] = entries[index];
    const lossAt = async (shift: number) => {
      const original = bias.clone();
      bias.assign(bias.add(tf.oneHot(tf.scalar(3, "int32"), bias.size).mul(shift)));
      const { loss, dispose } = forwardBackward(model, batch, new Random(7));
      const [value] = await loss.data();
      dispose();
      bias.assign(original);
      return value;
    };
    const slope = ((await lossAt(0.01)) - (await lossAt(-0.01))) / 0.02;
    expect((await pass.gradients[index].data())[3]).toBeCloseTo(slope, 3);
    pass.dispose();
    model.dispose();
  });

  test("AdamW equals two steps computed by hand", async () => {
    const variable = tf.variable(tf.tensor1d([1, -2]));
    const optimizer = new AdamW([variable], { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.1 });
    const [theta, m, v] = [
      [1, -2],
      [0, 0],
      [0, 0],
    ];
    for (const [step, gradient] of [
      [1, [0.5, -0.3]],
      [2, [-0.2, 0.4]],
    ] as const) {
      optimizer.step([tf.tensor1d([...gradient])], 0.01);
      for (const i of [0, 1]) {
        theta[i] -= 0.01 * 0.1 * theta[i];
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.98 * v[i] + 0.02 * gradient[i] ** 2;
        theta[i] -= (0.01 * (m[i] / (1 - 0.9 ** step))) / (Math.sqrt(v[i] / (1 - 0.98 ** step)) + 1e-8);
      }
    }
    await expectClose(variable, tf.tensor1d(theta), 1e-6, "variable");
    optimizer.dispose();
  });

  test("clip() scales gradients to the norm asked for, together, and leaves small ones alone", async () => {
    const { clipped, norm } = clip([tf.tensor1d([3, 0]), tf.tensor1d([4])], 1);
    expect((await norm.data())[0]).toBeCloseTo(5, 6);
    await expectClose(clipped[0], tf.tensor1d([0.6, 0]), 1e-6, "first");
    await expectClose(clipped[1], tf.tensor1d([0.8]), 1e-6, "second");
    await expectClose(clip([tf.tensor1d([3, 4])], 10).clipped[0], tf.tensor1d([3, 4]), 1e-6, "small");
  });
});

test("noam() rises linearly to its peak and falls with the root of the step", () => {
  const rate = noam({ peak: 8e-4, warmup: 25_000 });
  expect(rate(12_500)).toBeCloseTo(4e-4, 12);
  expect(rate(25_000)).toBeCloseTo(8e-4, 12);
  expect(rate(100_000)).toBeCloseTo(4e-4, 12);
  expect(() => noam({ peak: 1, warmup: 0 })).toThrow("Cannot warm up over 0 steps");
});

test("FeatureBatches refuses speech that is no speech, and keeps nothing", () => {
  const before = tf.memory().numTensors;
  const utterance = (samples: number) =>
    new Utterance({ path: "a.wav", name: "a", waveform: new Float32Array(samples) });
  expect(() => new FeatureBatches([])).toThrow("Cannot make batches of no utterances");
  expect(() => new FeatureBatches([utterance(16_000), utterance(159)])).toThrow("a (0.01 s) has less than two frames");
  expect(tf.memory().numTensors).toBe(before);
});
