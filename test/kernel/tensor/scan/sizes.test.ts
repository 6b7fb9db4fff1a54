// Values and gradients of the selective scan at every kind of size, against double precision.
import { Random, selectiveScan, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, relativeError, useBackend, valuesOf } from "../backends";
import { type Inputs, names, randomInputs, type Sizes, slowScan } from "./reference";

const odd = [1, 31, 257].flatMap((T) =>
  [1, 5, 13].flatMap((D) => [1, 16, 17].map((N): [string, Sizes] => [`[1, ${T}, ${D}], ${N} states`, [1, T, D, N]])),
);

describe.each(everyBackend)("selectiveScan on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each<[string, Sizes]>([
    ...odd,
    ["a batch of channels for several threads", [3, 67, 101, 16]],
    ["chunks of frames and lanes of channels that are full", [2, 16, 64, 1]],
    ["chunks and lanes with one more", [2, 17, 65, 3]],
    ["more frames than are in memory at a time", [2, 4201, 5, 3]],
  ])("equals double precision, gradients too: %s", async (_, sizes) => {
    const inputs = randomInputs(sizes);
    const dy = new Random(11).normal(inputs[0].shape) as tf.Tensor3D;
    const scan = (...given: tf.Tensor[]) => selectiveScan(...(given as Inputs));
    const actual = await valuesOf(() => [scan(...inputs), ...tf.grads(scan)(inputs, dy)]);
    const [weights, ...values] = await valuesOf(() => [dy, ...inputs]);
    const { y, gradients } = slowScan(values, weights, sizes);
    for (const [i, expected] of [y, ...gradients].entries())
      expect(relativeError(actual[i], expected), ["y", ...names][i]).toBeLessThan(1e-5);
    tf.dispose([inputs, dy]);
  });
});
