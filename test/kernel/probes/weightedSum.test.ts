import { weightedSum } from "bestrq/probes";
import { Random, tf } from "bestrq/tensor";
import { describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

const [count, rows, width] = [3, 5, 7];
const w = [0.3, -1.1, 0.8];
const total = w.reduce((sum, value) => sum + Math.exp(value), 0);
const shares = w.map((value) => Math.exp(value) / total);

describe.each(everyBackend)("on %s", (name) => {
  test("weightedSum() sums states by softmax(w), differentiably in both, and leaves nothing behind", async () => {
    await useBackend(name);
    const before = tf.memory().numTensors;
    const random = new Random(1);
    const states = random.normal<tf.Rank.R3>([count, rows, width]);
    const upstream = random.normal<tf.Rank.R2>([rows, width]);
    const weights = tf.tensor1d(w);
    const summed = weightedSum(weights, states);
    const of = (w: tf.Tensor, states: tf.Tensor) =>
      weightedSum(w as tf.Tensor1D, states)
        .mul(upstream)
        .sum();
    const [dw, dStates] = tf.grads(of)([weights, states]);

    const [x, up] = await Promise.all([states.data(), upstream.data()]);
    const state = (s: number, index: number) => x[s * rows * width + index];
    const expected = Array.from(up, (_, i) => shares.reduce((sum, share, s) => sum + share * state(s, i), 0));
    // ∂/∂w_s of Σ_i up_i Σ_k share_k x_ki = share_s (a_s − Σ_k share_k a_k), a_s = Σ_i up_i x_si
    const a = shares.map((_, s) => Array.from(up).reduce((sum, value, i) => sum + value * state(s, i), 0));
    const mean = shares.reduce((sum, share, s) => sum + share * a[s], 0);
    expect(summed.shape).toEqual([rows, width]);
    const close = async (tensor: tf.Tensor, values: number[]) => {
      const got = await tensor.data();
      for (const [index, value] of values.entries()) expect(got[index]).toBeCloseTo(value, 4);
    };
    await close(summed, expected);
    await close(dw, shares.map((share, s) => share * (a[s] - mean))); // biome-ignore format: one line
    await close(
      dStates,
      shares.flatMap((share) => Array.from(up, (value) => share * value)),
    );
    tf.dispose([states, upstream, weights, summed, dw, dStates]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("weightedSum() wants one weight for each state", async () => {
  await useBackend("wasm");
  const [weights, states] = [tf.zeros<tf.Rank.R1>([2]), tf.zeros([3, 5])];
  expect(() => weightedSum(weights, states)).toThrow("there must be one weight for each, got [2]");
  tf.dispose([weights, states]);
});
