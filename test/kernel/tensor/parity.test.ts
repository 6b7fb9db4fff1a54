// Every op that a BEST-RQ model is made of, with its gradients, against TensorFlow.js's plain JavaScript at prime sizes.
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, handles, relativeError, useBackend } from "./backends";

type Case = { inputs: number[][]; run: (...inputs: tf.Tensor[]) => tf.Tensor; integers?: boolean };

const conv = (x: tf.Tensor, w: tf.Tensor, strides: number | [number, number], pad: "same" | "valid") =>
  tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad);
const depthwise = (x: tf.Tensor, w: tf.Tensor, pad: "same" | "valid") =>
  tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad);

const cases: Record<string, Case> = {
  "matMul [3,5][5,7]": {
    inputs: [
      [3, 5],
      [5, 7],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  "matMul transposeA": {
    inputs: [
      [5, 3],
      [5, 7],
    ],
    run: (a, b) => tf.matMul(a, b, true),
  },
  "matMul transposeB": {
    inputs: [
      [3, 5],
      [7, 5],
    ],
    run: (a, b) => tf.matMul(a, b, false, true),
  },
  "matMul both transposed": {
    inputs: [
      [5, 3],
      [7, 5],
    ],
    run: (a, b) => tf.matMul(a, b, true, true),
  },
  "batched matMul": {
    inputs: [
      [2, 3, 5],
      [2, 5, 7],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  "batched matMul of rank 4, transposeB": {
    inputs: [
      [2, 3, 5, 7],
      [2, 3, 11, 7],
    ],
    run: (a, b) => tf.matMul(a, b, false, true),
  },
  "matMul of a batch by one matrix": {
    inputs: [
      [3, 5, 7],
      [1, 7, 11],
    ],
    run: (a, b) => tf.matMul(a, tf.tile(b, [3, 1, 1])),
  },
  "fused matMul with bias and relu": {
    inputs: [[3, 5], [5, 7], [7]],
    run: (a, b, bias) => tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias, activation: "relu" }),
  },
  "conv2d stride 2, valid": {
    inputs: [
      [2, 13, 11, 3],
      [3, 3, 3, 5],
    ],
    run: (x, w) => conv(x, w, 2, "valid"),
  },
  "conv2d stride 2, same": {
    inputs: [
      [2, 13, 11, 3],
      [3, 3, 3, 5],
    ],
    run: (x, w) => conv(x, w, 2, "same"),
  },
  "conv2d strides 2 and 3, same": {
    inputs: [
      [2, 13, 11, 3],
      [5, 3, 3, 5],
    ],
    run: (x, w) => conv(x, w, [2, 3], "same"),
  },
  "depthwiseConv2d with two outputs a channel": {
    inputs: [
      [2, 5, 7, 3],
      [3, 3, 3, 2],
    ],
    run: (x, w) => depthwise(x, w, "same"),
  },
  "depthwiseConv2d in two dimensions": {
    inputs: [
      [2, 11, 7, 3],
      [4, 3, 3, 1],
    ],
    run: (x, w) => depthwise(x, w, "same"),
  },
  "conv2d 1x1": {
    inputs: [
      [2, 7, 5, 3],
      [1, 1, 3, 5],
    ],
    run: (x, w) => conv(x, w, 1, "valid"),
  },
  "depthwiseConv2d k=31, same": {
    inputs: [
      [2, 1, 37, 7],
      [1, 31, 7, 1],
    ],
    run: (x, w) => depthwise(x, w, "same"),
  },
  "depthwiseConv2d k=4, valid": {
    inputs: [
      [2, 1, 17, 7],
      [1, 4, 7, 1],
    ],
    run: (x, w) => depthwise(x, w, "valid"),
  },
  "layer norm": {
    inputs: [[3, 5, 7], [7], [7]],
    run: (x, gain, bias) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5))), gain), bias);
    },
  },
  softmax: { inputs: [[2, 5, 7]], run: (x) => tf.softmax(x) },
  logSoftmax: { inputs: [[5, 7]], run: (x) => tf.logSoftmax(x) },
  "logSumExp last axis": { inputs: [[3, 5, 7]], run: (x) => tf.logSumExp(x, -1) },
  "gather rows": { inputs: [[11, 5]], run: (x) => tf.gather(x, tf.tensor1d([3, 0, 7, 3], "int32")) },
  "gather axis 1": { inputs: [[3, 11, 5]], run: (x) => tf.gather(x, tf.tensor1d([3, 0, 7, 3], "int32"), 1) },
  "gather of rank-2 indices": {
    inputs: [[11, 5]],
    run: (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [3, 0],
            [7, 3],
          ],
          [2, 2],
          "int32",
        ),
      ),
  },
  concat: {
    inputs: [
      [3, 5, 2],
      [3, 5, 7],
    ],
    run: (a, b) => tf.concat([a, b], -1),
  },
  stack: {
    inputs: [
      [3, 5],
      [3, 5],
    ],
    run: (a, b) => tf.stack([a, b], 1),
  },
  "split and swap": { inputs: [[3, 14]], run: (x) => tf.concat(tf.split(x, 2, -1).reverse(), -1) },
  slice: { inputs: [[5, 7, 11]], run: (x) => tf.slice(x, [1, 2, 3], [3, 5, 7]) },
  "pad with zeros": {
    inputs: [[3, 5]],
    run: (x) =>
      tf.pad(x, [
        [1, 2],
        [3, 0],
      ]),
  },
  reverse: { inputs: [[3, 5, 7]], run: (x) => tf.reverse(x, 1) },
  transpose: { inputs: [[2, 3, 5, 7]], run: (x) => tf.transpose(x, [0, 2, 1, 3]) },
  tile: { inputs: [[3, 1, 5]], run: (x) => tf.tile(x, [1, 7, 1]) },
  erf: { inputs: [[3, 5]], run: (x) => tf.erf(x) },
  sigmoid: { inputs: [[3, 5]], run: (x) => tf.sigmoid(x) },
  tanh: { inputs: [[3, 5]], run: (x) => tf.tanh(x) },
  softplus: { inputs: [[3, 5]], run: (x) => tf.softplus(x) },
  exp: { inputs: [[3, 5]], run: (x) => tf.exp(x) },
  "log of a square": { inputs: [[3, 5]], run: (x) => tf.log(tf.add(tf.square(x), 0.5)) },
  "relu, leakyRelu": { inputs: [[3, 5]], run: (x) => tf.add(tf.relu(x), tf.leakyRelu(x, 0.1)) },
  "pow and rsqrt": { inputs: [[3, 5]], run: (x) => tf.rsqrt(tf.add(tf.pow(x, 2), 1)) },
  "sin and cos": { inputs: [[3, 5]], run: (x) => tf.mul(tf.sin(x), tf.cos(x)) },
  "cumsum last axis": { inputs: [[3, 5, 7]], run: (x) => tf.cumsum(x, 2) },
  where: {
    inputs: [
      [3, 5],
      [3, 5],
    ],
    run: (a, b) => tf.where(tf.greater(tf.range(0, 15).reshape([3, 5]), 6), a, b),
  },
  "sum over axes": { inputs: [[3, 5, 7]], run: (x) => tf.sum(x, [0, 2]) },
  "mean over axes": { inputs: [[3, 5, 7]], run: (x) => tf.mean(x, [1], true) },
  max: { inputs: [[3, 5, 7]], run: (x) => tf.max(x, -1) },
  "add, sub, mul, div with broadcast": {
    inputs: [
      [3, 5, 7],
      [5, 1],
    ],
    run: (a, b) => tf.div(tf.mul(tf.add(a, b), tf.sub(a, b)), tf.add(tf.abs(b), 1)),
  },
  "maximum and minimum": {
    inputs: [
      [3, 5],
      [3, 5],
    ],
    run: (a, b) => tf.sub(tf.maximum(a, b), tf.minimum(a, 0.3)),
  },
  clipByValue: { inputs: [[3, 5]], run: (x) => tf.clipByValue(x, -0.5, 0.5) },
  norm: { inputs: [[3, 5]], run: (x) => tf.norm(x, "euclidean", -1) },
  oneHot: { inputs: [[3, 5]], run: (x) => tf.mul(x, tf.oneHot(tf.tensor1d([1, 4, 0], "int32"), 5)) },
  "addN of many": { inputs: Array(20).fill([5, 7]), run: (...xs) => tf.addN(xs) },
  unsortedSegmentSum: {
    inputs: [[5, 3]],
    run: (x) => tf.unsortedSegmentSum(x as tf.Tensor2D, tf.tensor1d([1, 0, 1, 3, 0], "int32"), 4),
  },
};

const forwardOnly: Record<string, Case> = {
  argMin: { inputs: [[5, 7]], run: (x) => tf.argMin(x, -1) },
  argMax: { inputs: [[5, 7]], run: (x) => tf.argMax(x, -1) },
  mirrorPad: {
    inputs: [[5, 7]],
    run: (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 2],
          [2, 1],
        ],
        "reflect",
      ),
  },
  "round of int32": { inputs: [[3, 5]], run: (x) => tf.round(tf.cast(tf.mul(x, 10), "int32")) },
  "comparisons to float": {
    inputs: [[3, 5]],
    run: (x) => tf.cast(tf.logicalAnd(tf.greater(x, -0.5), tf.lessEqual(x, 0.5)), "float32"),
  },
  topk: { inputs: [[5, 7]], run: (x) => tf.topk(x, 3).values },
};

/** The output of a case and the gradients of its sum weighted by fixed numbers. */
async function compute({ inputs, run }: Case, withGradients: boolean) {
  const random = new Random(20);
  const shapes: number[][] = [];
  const reads: Promise<ArrayLike<number>>[] = [];
  tf.tidy(() => {
    const given = inputs.map((shape) => random.normal(shape));
    const output = run(...given);
    const weights = random.normal(output.shape);
    const gradients = withGradients ? tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(run(...xs), weights)))(given) : [];
    for (const tensor of [output, ...gradients]) {
      shapes.push(tensor.shape);
      reads.push(tensor.data());
    }
  });
  return { arrays: await Promise.all(reads), shapes };
}

describe.each(everyBackend)("%s", (name) => {
  const expected = new Map<string, Awaited<ReturnType<typeof compute>>>();
  beforeAll(async () => {
    await useBackend("cpu");
    for (const [title, each] of Object.entries(cases)) expected.set(title, await compute(each, true));
    for (const [title, each] of Object.entries(forwardOnly)) expected.set(title, await compute(each, false));
    await useBackend(name);
  });

  test.each([...Object.keys(cases), ...Object.keys(forwardOnly)])(
    "%s equals plain JavaScript and leaks nothing",
    async (title) => {
      const before = { tensors: tf.memory().numTensors, handles: handles() };
      const each = cases[title] ?? forwardOnly[title];
      const actual = await compute(each, title in cases);
      const wanted = expected.get(title)!;
      expect(actual.shapes).toEqual(wanted.shapes);
      for (const [i, array] of actual.arrays.entries())
        expect(relativeError(array, wanted.arrays[i])).toBeLessThan(2e-5);
      expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
    },
  );
});
