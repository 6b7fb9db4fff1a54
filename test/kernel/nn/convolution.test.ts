// The depthwise convolution over time: written twice, once to run op by op and once to be compiled.
import { depthwise } from "bestrq/nn";
import { backend, jit, Random, tf } from "bestrq/tensor";
import { beforeAll, expect, test } from "vitest";
import { expectClose } from "../reference";

beforeAll(() => backend.use("tensorflow"));

test.each([
  { frames: 37, width: 13, kernel: 31, before: 15 },
  { frames: 11, width: 7, kernel: 4, before: 3 },
  { frames: 2, width: 1, kernel: 5, before: 0 },
])(
  "depthwise() gives the same compiled as op by op, gradients included: $frames frames, kernel $kernel",
  async (sizes) => {
    const { frames, width, kernel, before } = sizes;
    const random = new Random(5);
    const x = random.normal([3, frames, width], 0, 1) as tf.Tensor3D;
    const weight = tf.tidy(() => tf.variable(random.normal([kernel, width], 0, 1)));
    const bias = tf.tidy(() => tf.variable(random.normal([width], 0, 1)));
    const towards = random.normal([3, frames, width], 0, 1);
    const compiled = jit((x: tf.Tensor3D, weight: tf.Variable, bias: tf.Variable) =>
      depthwise({ weight, bias }, x, before),
    );
    const pass = (f: (x: tf.Tensor3D, weight: tf.Variable, bias: tf.Variable) => tf.Tensor3D) => {
      const grads = tf.grads((x, weight, bias) => f(x as tf.Tensor3D, weight as tf.Variable, bias as tf.Variable));
      return tf.tidy(() => [f(x, weight, bias), ...grads([x, weight, bias], towards)]);
    };
    const ours = pass(compiled);
    const theirs = pass((x, weight, bias) => depthwise({ weight, bias }, x, before));
    for (const [index, name] of ["output", "x", "weight", "bias"].entries())
      await expectClose(ours[index], theirs[index], 1e-5, name);
    compiled.dispose();
    tf.dispose([ours, theirs, x, weight, bias, towards]);
    expect(tf.memory().numTensors).toBe(0);
  },
);
