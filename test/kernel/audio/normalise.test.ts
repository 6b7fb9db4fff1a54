import { GlobalNormalisation } from "bestrq/audio";
import { tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

// By hand: means (2, 20) and (8, 40), unbiased standard deviations (1, 10) and (sqrt 8, sqrt 800).
const first = () =>
  tf.tensor2d([
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
const second = () =>
  tf.tensor2d([
    [6, 20],
    [10, 60],
  ]);

async function expectValues(got: tf.Tensor, wanted: number[]) {
  const values = [...(await got.data())];
  expect(values).toHaveLength(wanted.length);
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i], 5);
}

describe.each(everyBackend)("GlobalNormalisation on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("averages mean and unbiased standard deviation over utterances, each counting once", async () => {
    const normalisation = new GlobalNormalisation();
    normalisation.update(first());
    await expectValues(normalisation.state.mean, [2, 20]);
    await expectValues(normalisation.state.std, [1, 10]);
    normalisation.update(second());
    expect(normalisation.state.count).toBe(2);
    await expectValues(normalisation.state.mean, [5, 30]);
    await expectValues(normalisation.state.std, [(1 + Math.sqrt(8)) / 2, (10 + Math.sqrt(800)) / 2]);
  });

  test("applies (x - mean) / std to features and to batches", async () => {
    const normalisation = new GlobalNormalisation();
    normalisation.update(first());
    await expectValues(normalisation.apply(first()), [-1, -1, 0, 0, 1, 1]);
    const batch = normalisation.apply(tf.tensor3d([[[2, 0]], [[4, 40]]]));
    expect(batch.shape).toEqual([2, 1, 2]);
    await expectValues(batch, [0, -2, 2, 2]);
  });

  test("survives a filter that never changes", async () => {
    const normalisation = new GlobalNormalisation();
    normalisation.update(
      tf.tensor2d([
        [3, 1],
        [3, 2],
      ]),
    );
    expect((await normalisation.apply(tf.tensor2d([[3, 1]])).data()).every(Number.isFinite)).toBe(true);
  });

  test("no longer changes once frozen", async () => {
    const normalisation = new GlobalNormalisation();
    normalisation.update(first());
    normalisation.freeze();
    normalisation.update(second());
    expect(normalisation.state.count).toBe(1);
    await expectValues(normalisation.state.mean, [2, 20]);
  });

  test("goes on from a saved state as if it had not stopped", async () => {
    const whole = new GlobalNormalisation();
    whole.update(first());
    const resumed = new GlobalNormalisation();
    resumed.state = whole.state;
    for (const one of [whole, resumed]) one.update(second());
    await expectValues(resumed.state.mean, [...(await whole.state.mean.data())]);
    await expectValues(resumed.state.std, [...(await whole.state.std.data())]);
    expect(resumed.state.count).toBe(2);
  });

  test("may be given its own state", async () => {
    const normalisation = new GlobalNormalisation();
    normalisation.update(first());
    // biome-ignore lint/correctness/noSelfAssign: the setter copies before it disposes
    normalisation.state = normalisation.state;
    await expectValues(normalisation.state.mean, [2, 20]);
  });

  test("holds two tensors, inside a tidy too, and gives them back", async () => {
    const before = tf.memory().numTensors;
    const normalisation = new GlobalNormalisation();
    tf.tidy(() => {
      normalisation.update(first());
      normalisation.update(second());
      normalisation.apply(first());
    });
    expect(tf.memory().numTensors).toBe(before + 2);
    await expectValues(normalisation.state.mean, [5, 30]);
    normalisation.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("says what it cannot do", () => {
    const normalisation = new GlobalNormalisation();
    expect(() => normalisation.apply(first())).toThrow(/no utterance was seen/);
    expect(() => normalisation.update(tf.zeros([1, 2]))).toThrow(/at least 2 frames, got 1/);
    normalisation.update(first());
    expect(() => normalisation.update(tf.zeros([3, 5]))).toThrow(/must have 2 mels, got 5/);
  });
});
