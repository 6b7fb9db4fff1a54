// Gradients that are put right, against differences: of a sum of the outputs with random weights, at odd sizes.
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, handles, useBackend } from "./backends";

type Case = { shapes: number[][]; run: (...inputs: tf.Tensor[]) => tf.Tensor };

const images = (x: tf.Tensor) => x as tf.Tensor4D;
const [mean, variance] = [
  [0.3, -0.2, 0.1],
  [1, 2, 3],
];

const cases: Record<string, Case> = {
  "cumsum off the last axis": { shapes: [[3, 5, 2]], run: (x) => tf.cumsum(x, 1) },
  "cumsum of a square": { shapes: [[5, 5]], run: (x) => tf.cumsum(x, 0, true, true) },
  "mirrorPad, reflect": {
    shapes: [[3, 5]],
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 2],
          [0, 3],
        ],
        "reflect",
      ),
  },
  "mirrorPad, symmetric": {
    shapes: [[3, 5]],
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [3, 2],
          [0, 5],
        ],
        "symmetric",
      ),
  },
  batchNorm: { shapes: [[2, 5, 3]], run: (x) => tf.batchNorm(x, mean, variance) },
  "batchNorm with scale alone": {
    shapes: [[2, 5, 3], [3]],
    run: (x, scale) => tf.batchNorm(x, mean, variance, undefined, scale as tf.Tensor1D),
  },
  "matMul of one by a batch": {
    shapes: [
      [1, 3, 5],
      [2, 5, 7],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  "matMul of a matrix by a batch": {
    shapes: [
      [2, 3, 5],
      [5, 7],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  "squaredDifference of a column and rows": { shapes: [[3, 1], [5]], run: (a, b) => tf.squaredDifference(a, b) },
  "minimum of a column and rows": { shapes: [[3, 1], [5]], run: (a, b) => tf.minimum(tf.mul(a, 10), b) },
  "maximum of a column and rows": { shapes: [[3, 1], [5]], run: (a, b) => tf.maximum(tf.mul(a, 10), b) },
  "tile of the last axis": { shapes: [[5]], run: (x) => tf.tile(x, [3]) },
  "tile of an axis of one": { shapes: [[2, 1, 3]], run: (x) => tf.tile(x, [1, 7, 1]) },
  "tile of all axes": { shapes: [[2, 3, 5]], run: (x) => tf.tile(x, [3, 1, 2]) },
  "tile of four axes": { shapes: [[2, 1, 3, 2]], run: (x) => tf.tile(x, [2, 5, 1, 3]) },
  "tile by one": { shapes: [[2, 3]], run: (x) => tf.tile(x, [1, 1]) },
  broadcastTo: { shapes: [[1, 3, 1]], run: (x) => tf.broadcastTo(x, [5, 3, 2]) },
  floorDiv: { shapes: [[3, 5]], run: (x) => tf.floorDiv(x, 100) },
  "where by a comparison": { shapes: [[3, 5]], run: (x) => tf.where(tf.greater(x, 0), tf.mul(x, 2), tf.mul(x, 3)) },
  divNoNan: { shapes: [[3, 1], [5]], run: (a, b) => tf.divNoNan(a, tf.add(b, 9)) },
  "avgPool at the borders": { shapes: [[2, 5, 7, 3]], run: (x) => tf.avgPool(images(x), 3, 2, "same") },
  "avgPool inside": { shapes: [[2, 5, 7, 3]], run: (x) => tf.avgPool(images(x), 3, 2, "valid") },
  "avgPool, padded by 1": {
    shapes: [[2, 6, 6, 3]],
    run: (x) => tf.avgPool(images(x), 3, 2, 1),
  },
  "avgPool3d at the borders": {
    shapes: [[1, 3, 5, 4, 2]],
    run: (x) => tf.avgPool3d(x as tf.Tensor5D, [2, 3, 2], 2, "same"),
  },
};

describe.each(everyBackend)("gradients on %s", (name) => {
  beforeAll(() => useBackend(name));

  test.each(Object.keys(cases))("of %s agree with differences and leave nothing", async (title) => {
    const { shapes, run } = cases[title];
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    const pairs: Promise<ArrayLike<number>>[][] = [];
    tf.tidy(() => {
      const random = new Random(7);
      const inputs = shapes.map((shape) => random.normal(shape));
      const weights = random.normal(run(...inputs).shape);
      const weighted = (...xs: tf.Tensor[]) => tf.sum(tf.mul(run(...xs), weights)) as tf.Scalar;
      const gradients = tf.grads(weighted)(inputs);
      for (const [k, gradient] of gradients.entries()) {
        expect(gradient.shape).toEqual(shapes[k]);
        const along = (direction: tf.Tensor, step: number) =>
          weighted(...inputs.map((x, i) => (i === k ? tf.add(x, tf.mul(direction, step)) : x)));
        for (let trial = 0; trial < 5; trial++) {
          const direction = random.normal(shapes[k]);
          const difference = tf.div(tf.sub(along(direction, 0.01), along(direction, -0.01)), 0.02);
          pairs.push([tf.sum(tf.mul(gradient, direction)).data(), difference.data()]);
        }
      }
    });
    for (const pair of pairs) {
      const [[slope], [difference]] = (await Promise.all(pair)) as [Float32Array, Float32Array];
      expect(Math.abs(slope - difference)).toBeLessThan(0.01 * Math.max(1, Math.abs(difference)));
    }
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });
});
