import { Random, readSafetensors, selectiveScan, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { backends, handles, reference, relativeError, useBackend } from "./backends";

type Inputs = [tf.Tensor3D, tf.Tensor3D, tf.Tensor2D, tf.Tensor3D, tf.Tensor3D, tf.Tensor1D];
type Values = {
  x: ArrayLike<number>;
  delta: ArrayLike<number>;
  A: ArrayLike<number>;
  B: ArrayLike<number>;
  C: ArrayLike<number>;
  skip: ArrayLike<number>;
};

const names = ["x", "delta", "A", "B", "C", "skip"] as const;

/** h_t = exp(delta_t A) h_{t-1} + (delta_t x_t) B_t; y_t = C_t h_t + skip x_t, as a loop in double precision. */
function slowScan({ x, delta, A, B, C, skip }: Values, batch: number, T: number, D: number, N: number): Float64Array {
  const y = new Float64Array(batch * T * D);
  for (let b = 0; b < batch; b++)
    for (let d = 0; d < D; d++) {
      const h = new Float64Array(N);
      for (let t = 0; t < T; t++) {
        const at = (b * T + t) * D + d;
        y[at] = skip[d] * x[at];
        for (let n = 0; n < N; n++) {
          const frame = (b * T + t) * N + n;
          h[n] = Math.exp(delta[at] * A[d * N + n]) * h[n] + delta[at] * x[at] * B[frame];
          y[at] += h[n] * C[frame];
        }
      }
    }
  return y;
}

/** Inputs as a trained Mamba has them: delta = softplus(...), A negative. */
function randomInputs(batch: number, T: number, D: number, N: number, seed = 7): Inputs {
  const random = new Random(seed);
  return [
    random.normal<tf.Rank.R3>([batch, T, D]),
    random.uniform<tf.Rank.R3>([batch, T, D], 0.01, 1),
    random.uniform<tf.Rank.R2>([D, N], -N, -0.5),
    random.normal<tf.Rank.R3>([batch, T, N]),
    random.normal<tf.Rank.R3>([batch, T, N]),
    random.normal<tf.Rank.R1>([D]),
  ];
}

function valuesOf(inputs: Inputs): Record<(typeof names)[number], Float64Array> {
  return Object.fromEntries(names.map((name, i) => [name, Float64Array.from(inputs[i].dataSync())])) as never;
}

describe.each([...backends, "cpu"] as const)("selectiveScan on %s", (name) => {
  beforeAll(() => useBackend(name));

  // Longer and shorter than a chunk, channels that fill no group of four, any number of states.
  test.each([
    [2, 37, 7, 5],
    [1, 1, 1, 1],
    [3, 67, 13, 16],
    [1, 1171, 3, 2],
  ])("equals the slow loop for [%i, %i, %i] and %i states, and leaks nothing", (batch, T, D, N) => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    tf.tidy(() => {
      const inputs = randomInputs(batch, T, D, N);
      const y = selectiveScan(...inputs);
      expect(y.shape).toEqual([batch, T, D]);
      expect(relativeError(y.dataSync(), slowScan(valuesOf(inputs), batch, T, D, N))).toBeLessThan(1e-5);
    });
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });

  test.each([
    [2, 41, 5, 3],
    [1, 1, 1, 1],
    [1, 31, 1, 1],
    [3, 1, 7, 2],
    [1, 5, 13, 17],
  ])("has gradients that differences of the slow loop confirm for [%i, %i, %i], %i states", (batch, T, D, N) => {
    tf.tidy(() => {
      const inputs = randomInputs(batch, T, D, N);
      const weights = new Random(11).normal([batch, T, D]);
      const loss = (...given: tf.Tensor[]) => tf.sum(tf.mul(selectiveScan(...(given as Inputs)), weights)) as tf.Scalar;
      const gradients = tf.grads(loss)(inputs);
      const values = valuesOf(inputs);
      const w = weights.dataSync();
      const slowLoss = () => slowScan(values, batch, T, D, N).reduce((sum, y, i) => sum + y * w[i], 0);
      for (const [i, each] of names.entries()) {
        const expected = Array.from(values[each], (value, at) => {
          const step = 1e-5;
          values[each][at] = value + step;
          const above = slowLoss();
          values[each][at] = value - step;
          const below = slowLoss();
          values[each][at] = value;
          return (above - below) / (2 * step);
        });
        expect(gradients[i].shape).toEqual(inputs[i].shape);
        expect(relativeError(gradients[i].dataSync(), expected), `gradient of ${each}`).toBeLessThan(1e-4);
      }
    });
  });

  test("has gradients that leave nothing behind", () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    tf.tidy(() => {
      const loss = (...given: tf.Tensor[]) => tf.sum(selectiveScan(...(given as Inputs)));
      for (const gradient of tf.grads(loss)(randomInputs(2, 7, 5, 3))) expect(gradient.isDisposed).toBe(false);
    });
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });

  test("has gradients that do not depend on how the frames are cut into chunks", () => {
    // The gradient of the first frames' outputs alone is that of the shorter sequence, which is cut differently.
    const [T, short, D, N] = [2003, 11, 5, 3];
    tf.tidy(() => {
      const long = randomInputs(1, T, D, N);
      const head = (x: tf.Tensor3D) => tf.slice(x, [0, 0, 0], [1, short, -1]);
      const cut = [head(long[0]), head(long[1]), long[2], head(long[3]), head(long[4]), long[5]] as Inputs;
      const run = (...given: tf.Tensor[]) => tf.sum(head(selectiveScan(...(given as Inputs))));
      const whole = tf.grads(run)(long);
      const part = tf.grads(run)(cut);
      for (const i of [2, 5]) expect(relativeError(whole[i].dataSync(), part[i].dataSync())).toBeLessThan(1e-6);
      expect(relativeError(head(whole[0] as tf.Tensor3D).dataSync(), part[0].dataSync())).toBeLessThan(1e-6);
    });
  });

  test("equals the reference of Mamba's authors, with every gradient", () => {
    const path = reference("selective_scan.safetensors");
    if (!path) return; // the slow loop above stands for it
    const file = readSafetensors(path);
    tf.tidy(() => {
      // There: sequences are [B, D, T]; delta comes before its bias and softplus; z gates the output.
      const timeFirst = (tensor: tf.Tensor) => tf.transpose(tensor, [0, 2, 1]) as tf.Tensor3D;
      const keys = ["u", "delta", "A", "B", "C", "D", "z", "delta_bias"];
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
      expect(
        relativeError(run(...(inputs as Parameters<typeof run>)).dataSync(), file.tensor("output").dataSync()),
      ).toBeLessThan(1e-5);
      const outputGradient = file.tensor("output_grad");
      const gradients = tf.grads((...given: tf.Tensor[]) =>
        tf.sum(tf.mul(run(...(given as Parameters<typeof run>)), outputGradient)),
      )(inputs);
      for (const [i, key] of keys.entries())
        expect(relativeError(gradients[i].dataSync(), file.tensor(`grad.${key}`).dataSync()), key).toBeLessThan(1e-4);
    });
    file.close();
  });

  test("refuses shapes that do not agree and says which there were", () => {
    tf.tidy(() => {
      const [x, delta, A, B, C, skip] = randomInputs(2, 5, 3, 7);
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
