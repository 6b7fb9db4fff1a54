// What is compiled of a model against the same model run op by op.
import { BestRq, type BestRqOptions, configure, makeMixer, mixerNames } from "bestrq/bestrq";
import { dropoutOf } from "bestrq/bestrq/dropout";
import { conformer, initialise, paddingMask, parameterEntries } from "bestrq/nn";
import { backend, jit, Random, tf } from "bestrq/tensor";
import { pretrain } from "bestrq/train";
import { farthest } from "bestrq/verify/agreement";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(async () => {
  await backend.use("tensorflow");
});

/** Runs op by op. */
async function eagerly<R>(body: () => R): Promise<Awaited<R>> {
  process.env.BESTRQ_JIT = "0";
  try {
    return await body();
  } finally {
    delete process.env.BESTRQ_JIT;
  }
}

const small = (mixer: BestRqOptions["mixer"], changes: object = {}) => {
  const sizes = { width: 6, heads: mixer === "mamba" ? 1 : 2, layers: 3, feedForward: 14, kernel: 5, dropout: 0.2 };
  const summaryMixing = { localHidden: 10, local: 6, summaryHidden: 14 };
  return { mixer, ...sizes, summaryMixing, mels: 13, channels: [3, 5], codes: 11, codeWidth: 3, ...changes };
};

function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance: number, what: string): void {
  const { difference, magnitude } = farthest(actual.dataSync(), expected.dataSync());
  expect(difference, what).toBeLessThanOrEqual(tolerance * Math.max(magnitude, 1e-3));
}

describe.each(mixerNames)("a conformer block with %s, compiled by XLA", (mixer) => {
  test.each([
    ["alone, without dropout", [23], 0],
    ["padded, with dropout", [23, 17, 2], 0.3],
  ])("gives the same results and gradients: %s", (_, lengths, rate) => {
    const config = configure(small(mixer));
    const block = conformer(makeMixer(config), config);
    const p = initialise(block.spec, new Random(5));
    const variables = parameterEntries(p).map(([, variable]) => variable);
    const f = (weights: typeof p, x: tf.Tensor3D, mask: tf.Tensor3D, random: Random) =>
      block.apply(weights, x, { mask, dropout: dropoutOf(rate, random) });
    const fast = jit(f);
    tf.tidy(() => {
      const x = new Random(6).normal<tf.Rank.R3>([lengths.length, 23, config.width]);
      const mask = paddingMask(lengths, 23);
      const target = new Random(8).normal(x.shape);
      expectClose(fast(p, x, mask, new Random(7)), f(p, x, mask, new Random(7)), 1e-5, "results");
      const [fastGradients, gradients] = [fast, f].map((one) => {
        const loss = () => one(p, x, mask, new Random(7)).mul(target).mul(mask).sum() as tf.Scalar;
        return tf.variableGrads(loss, variables).grads;
      });
      for (const [path, { name }] of parameterEntries(p)) expectClose(fastGradients[name], gradients[name], 1e-4, path);
    });
    fast.dispose();
    for (const variable of variables) variable.dispose();
  });
});

test.each(mixerNames)(
  "a model with %s encodes the same when it is compiled, its layers sharing what is",
  async (mixer) => {
    const model = new BestRq(small(mixer));
    const features = new Random(2).normal<tf.Rank.R3>([2, 71, 13]);
    const batch = { features, lengths: [71, 50] };
    const expected = await eagerly(() => model.encode(batch));
    const before = jit.statistics().functions;
    for (let pass = 0; pass < 6; pass++)
      tf.tidy(() => expectClose(model.encode(batch), expected, 1e-5, `pass ${pass}`));
    // Two blocks of the front end; the encoder's input, layer and norm: what surrounds a scan is two functions.
    expect(jit.statistics().functions - before).toBe(mixer === "mamba" ? 6 : 5);
    model.dispose();
    expect(jit.statistics().functions).toBe(before);
    tf.dispose([features, expected]);
  },
);

test("pretrain() takes the same steps when it is compiled", async () => {
  const features = new Random(2).normal<tf.Rank.R3>([2, 71, 13]);
  const batches = { next: () => ({ features, lengths: [71, 50] }) };
  const train = async () => {
    const model = new BestRq(small("fastformer", { layerDrop: 0.2 }));
    const losses: number[] = [];
    for await (const { loss } of pretrain(model, batches, { steps: 20 })) losses.push(loss);
    model.dispose();
    return losses;
  };
  const expected = await eagerly(train);
  const before = jit.statistics().compilations;
  const losses = await train();
  expect(jit.statistics().compilations).toBeGreaterThan(before + 8);
  losses.forEach((loss, step) => {
    expect(Math.abs(loss - expected[step]), `step ${step}`).toBeLessThan(1e-3);
  });
  features.dispose();
});
