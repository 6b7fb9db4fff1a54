import { Random, readSafetensors, selectiveScan, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, handles, reference, relativeError, useBackend, valuesOf } from "./backends";
import { type Inputs, names, randomInputs, type Sizes, slowScan } from "./scan/reference";

describe.each([...everyBackend, "cpu"] as const)("selectiveScan on %s", (name) => {
  beforeAll(() => useBackend(name));

  // How it agrees at all sizes: scan/sizes.test.ts. Here the loops that it is compared with there are put to the test.
  test("has gradients that differences of the slow loop confirm", async () => {
    const sizes: Sizes = [2, 41, 5, 3];
    const inputs = randomInputs(sizes);
    const weights = new Random(11).normal(inputs[0].shape);
    const loss = (...given: tf.Tensor[]) => tf.sum(tf.mul(selectiveScan(...(given as Inputs)), weights)) as tf.Scalar;
    const gradients = await valuesOf(() => tf.grads(loss)(inputs));
    const values = (await valuesOf(() => inputs)).map((input) => Float64Array.from(input));
    const w = await weights.data();
    const slowLoss = () => slowScan(values, w, sizes).y.reduce((sum, y, i) => sum + y * w[i], 0);
    for (const [i, name] of names.entries()) {
      const expected = Array.from(values[i], (value, at) => {
        const step = 1e-5;
        values[i][at] = value + step;
        const above = slowLoss();
        values[i][at] = value - step;
        const below = slowLoss();
        values[i][at] = value;
        return (above - below) / (2 * step);
      });
      expect(relativeError(gradients[i], expected), `gradient of ${name}`).toBeLessThan(1e-4);
    }
    tf.dispose([inputs, weights]);
  });

  test("leaves nothing behind but its result", () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    tf.tidy(() => {
      const inputs = randomInputs([2, 7, 5, 3]);
      expect(selectiveScan(...inputs).shape).toEqual([2, 7, 5]);
    });
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });

  test("has gradients that leave nothing behind", () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    tf.tidy(() => {
      const loss = (...given: tf.Tensor[]) => tf.sum(selectiveScan(...(given as Inputs)));
      for (const gradient of tf.grads(loss)(randomInputs([2, 7, 5, 3]))) expect(gradient.isDisposed).toBe(false);
    });
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });

  test("has gradients that do not depend on how the frames are cut into chunks", async () => {
    // The gradient of the first frames' outputs alone is that of the shorter sequence, which is cut differently.
    const [T, short, D, N] = [2003, 11, 5, 3];
    const [wholeX, wholeA, wholeSkip, partX, partA, partSkip] = await valuesOf(() => {
      const long = randomInputs([1, T, D, N]);
      const head = (x: tf.Tensor3D) => tf.slice(x, [0, 0, 0], [1, short, -1]);
      const cut = [head(long[0]), head(long[1]), long[2], head(long[3]), head(long[4]), long[5]] as Inputs;
      const run = (...given: tf.Tensor[]) => tf.sum(head(selectiveScan(...(given as Inputs))));
      const whole = tf.grads(run)(long);
      const part = tf.grads(run)(cut);
      return [head(whole[0] as tf.Tensor3D), whole[2], whole[5], part[0], part[2], part[5]];
    });
    expect(relativeError(wholeX, partX)).toBeLessThan(1e-6);
    expect(relativeError(wholeA, partA)).toBeLessThan(1e-6);
    expect(relativeError(wholeSkip, partSkip)).toBeLessThan(1e-6);
  });

  test("equals the reference of Mamba's authors, with every gradient", async () => {
    const path = reference("selective_scan.safetensors");
    if (!path) return; // the slow loop above stands for it
    const file = readSafetensors(path);
    const keys = ["u", "delta", "A", "B", "C", "D", "z", "delta_bias"];
    const actual = await valuesOf(() => {
      // There: sequences are [B, D, T]; delta comes before its bias and softplus; z gates the output.
      const timeFirst = (tensor: tf.Tensor) => tf.transpose(tensor, [0, 2, 1]) as tf.Tensor3D;
      const run = (
        u: tf.Tensor,
        delta: tf.Tensor,
        A: tf.Tensor,
        B: tf.Tensor,
        C: tf.Tensor,
        D: tf.Tensor,
        z: tf.Tensor,
        bias: tf.Tensor,
      ) => {
        const step = tf.softplus(tf.add(timeFirst(delta), bias)) as tf.Tensor3D;
        const y = selectiveScan(timeFirst(u), step, A as tf.Tensor2D, timeFirst(B), timeFirst(C), D as tf.Tensor1D);
        const gate = timeFirst(z);
        return timeFirst(tf.mul(y, tf.mul(gate, tf.sigmoid(gate))));
      };
      const inputs = keys.map((key) => file.tensor(key));
      const outputGradient = file.tensor("output_grad");
      const gradients = tf.grads((...given: tf.Tensor[]) =>
        tf.sum(tf.mul(run(...(given as Parameters<typeof run>)), outputGradient)),
      )(inputs);
      return [run(...(inputs as Parameters<typeof run>)), ...gradients];
    });
    const expected = await valuesOf(() =>
      ["output", ...keys.map((key) => `grad.${key}`)].map((key) => file.tensor(key)),
    );
    for (const [i, name] of ["output", ...keys].entries())
      expect(relativeError(actual[i], expected[i]), name).toBeLessThan(i === 0 ? 1e-5 : 1e-4);
    file.close();
  });

  test("refuses shapes that do not agree and says which there were", () => {
    tf.tidy(() => {
      const [x, delta, A, B, C, skip] = randomInputs([2, 5, 3, 7]);
      expect(() => selectiveScan(x, delta, A, B, tf.transpose(C, [0, 2, 1]), skip)).toThrow(
        "Cannot scan: shapes must be x [B, T, D], delta [B, T, D], A [D, N], B [B, T, N], C [B, T, N], skip [D] " +
          "without empty axes, got x [2, 5, 3], delta [2, 5, 3], A [3, 7], B [2, 5, 7], C [2, 7, 5], skip [3]",
      );
      expect(() => selectiveScan(x, delta, tf.zeros([3, 0]), B, C, skip)).toThrow(TypeError);
      expect(() => selectiveScan(tf.cast(x, "int32"), delta, A, B, C, skip)).toThrow(
        "x must be a float32 tensor, got int32",
      );
      expect(() => selectiveScan(undefined as never, delta, A, B, C, skip)).toThrow(
        "x must be a float32 tensor, got undefined",
      );
    });
  });
});
