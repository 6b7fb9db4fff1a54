// The scan in WGSL against the scan of the CPU: outputs and all six gradients.
import { backend, Random, selectiveScan, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { lackOfSwiftShader } from "../../../swiftshader";
import { handles, relativeError, useBackend } from "../backends";

const names = ["y", "x", "delta", "A", "B", "C", "skip"];

/** The output for random inputs, and the gradients of its sum weighted by random numbers. */
async function scan(batch: number, T: number, D: number, N: number): Promise<ArrayLike<number>[]> {
  const random = new Random(5);
  const reads: Promise<ArrayLike<number>>[] = [];
  tf.tidy(() => {
    const inputs = [
      random.normal([batch, T, D]),
      random.uniform([batch, T, D], 0.001, 0.5),
      random.uniform([D, N], -N, -0.5),
      random.normal([batch, T, N]),
      random.normal([batch, T, N]),
      random.normal([D]),
    ];
    const run = (...given: tf.Tensor[]) => selectiveScan(...(given as Parameters<typeof selectiveScan>));
    const weights = random.normal([batch, T, D]);
    const gradients = tf.grads((...given: tf.Tensor[]) => tf.sum(tf.mul(run(...given), weights)))(inputs);
    for (const tensor of [run(...inputs), ...gradients]) reads.push(tensor.data());
  });
  return Promise.all(reads);
}

describe.skipIf(lackOfSwiftShader)("selectiveScan on webgpu", () => {
  // Frames that fill no chunk, one, and many; channels that fill no group of lanes, one, and more.
  const sizes = [
    [1, 1, 1, 1],
    [2, 15, 7, 5],
    [1, 16, 64, 1],
    [2, 17, 65, 3],
    [3, 37, 131, 16],
    [1, 1171, 3, 2],
  ] as const;
  const expected: ArrayLike<number>[][] = [];
  beforeAll(async () => {
    await backend.use("wasm");
    for (const [batch, T, D, N] of sizes) expected.push(await scan(batch, T, D, N));
    await useBackend("webgpu");
  });

  test.each(sizes.map((size, index) => [...size, index] as const))(
    "equals the CPU's for [%i, %i, %i] and %i states, with every gradient, and frees the GPU's memory",
    async (batch, T, D, N, index) => {
      const before = { tensors: tf.memory().numTensors, bytes: handles() };
      const actual = await scan(batch, T, D, N);
      for (const [i, name] of names.entries())
        expect(relativeError(actual[i], expected[index][i]), name).toBeLessThan(1e-5);
      expect({ tensors: tf.memory().numTensors, bytes: handles() }).toEqual(before);
    },
  );
});
