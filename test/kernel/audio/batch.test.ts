import { featureBatch } from "bestrq/audio";
import { tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

describe.each(everyBackend)("on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("featureBatch() pads with zeros at the end, to a multiple of 4", async () => {
    const before = tf.memory().numTensors;
    const utterances = [tf.ones([3, 2]), tf.ones([5, 2])] as tf.Tensor2D[];
    const { features, lengths } = featureBatch(utterances);
    expect(features.shape).toEqual([2, 8, 2]);
    expect(lengths).toEqual([3, 5]);
    const sums = tf.tidy(() => features.sum(2));
    const frames = await sums.array();
    expect(frames).toEqual([
      [2, 2, 2, 0, 0, 0, 0, 0],
      [2, 2, 2, 2, 2, 0, 0, 0],
    ]);
    tf.dispose([features, sums, ...utterances]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("featureBatch() adds nothing where nothing is needed", () => {
  expect(featureBatch([tf.ones([8, 3])]).features.shape).toEqual([1, 8, 3]);
  expect(featureBatch([tf.ones([7, 3])], { multiple: 1 }).features.shape).toEqual([1, 7, 3]);
});

test("featureBatch() refuses none, and mels that differ", () => {
  expect(() => featureBatch([])).toThrow(/got none/);
  expect(() => featureBatch([tf.ones([3, 2]), tf.ones([3, 5])])).toThrow(/same mels, got \[3,2\], \[3,5\]/);
});
