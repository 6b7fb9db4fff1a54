// Values and gradients of the selective scan at every kind of size, against double precision.
import { Random, selectiveScan, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { backends, relativeError, useBackend } from "../backends";
import { type Inputs, names, randomInputs, type Sizes, slowScan } from "./reference";

const odd = [1, 31, 257].flatMap((T) =>
  [1, 5, 13].flatMap((D) => [1, 16, 17].map((N): [string, Sizes] => [`[1, ${T}, ${D}], ${N} states`, [1, T, D, N]])),
);

describe.each(backends)("selectiveScan on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([
    ...odd,
    ["a batch of channels for several threads", [3, 67, 101, 16]] as [string, Sizes],
    ["more frames than are in memory at a time", [2, 4201, 5, 3]] as [string, Sizes],
  ])("equals double precision, gradients too: %s", (_, sizes) => {
    tf.tidy(() => {
      const inputs = randomInputs(sizes);
      const dy = new Random(11).normal(inputs[0].shape);
      const values = inputs.map((tensor) => tensor.dataSync());
      const slow = slowScan(values, dy.dataSync(), sizes);
      const scan = (...given: tf.Tensor[]) => selectiveScan(...(given as Inputs));
      expect(relativeError(scan(...inputs).dataSync(), slow.y)).toBeLessThan(1e-5);
      for (const [i, gradient] of tf
        .grads(scan)(inputs, dy as tf.Tensor3D)
        .entries())
        expect(relativeError(gradient.dataSync(), slow.gradients[i]), names[i]).toBeLessThan(1e-5);
    });
  });
});
