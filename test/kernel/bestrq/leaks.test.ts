// What a long run would lose: 1,000 whole passes of each model, small in every size.
import { BestRq, mixerNames } from "bestrq/bestrq";
import { Random, tf } from "bestrq/tensor";
import { forwardBackward } from "bestrq/train";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, handles, useBackend } from "../tensor/backends";

const alive = () => {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { numTensors, numDataBuffers, numBytes, handles: handles() };
};

// 1,000 where TensorFlow keeps handles of its own; elsewhere, where the layers are the same, fewer show a leak as well.
const passesOn = { tensorflow: 1000, wasm: 100, webgpu: 10 };

describe.each(everyBackend)("on %s", (name) => {
  const passes = passesOn[name];
  beforeAll(() => useBackend(name));

  test.each(mixerNames)(
    `%s leaks nothing in ${passes} forward and backward passes of the whole model`,
    (mixer) => {
      const sizes = { width: 4, layers: 1, heads: mixer === "summarymixing" ? 1 : 2, feedForward: 4, kernel: 3 };
      const summaryMixing = { localHidden: 3, local: 5, summaryHidden: 3 };
      const small = { ...sizes, summaryMixing, mels: 5, channels: [2, 3], codes: 7, codeWidth: 3, dropout: 0.2 };
      const model = new BestRq({ mixer, size: "tiny", ...small });
      const random = new Random(5);
      const batch = { features: random.normal([2, 20, 5]) as tf.Tensor3D, lengths: [20, 13] };
      forwardBackward(model, batch, random).dispose();
      const before = alive();
      for (let pass = 0; pass < passes; pass++) forwardBackward(model, batch, random).dispose();
      expect(alive()).toEqual(before);
      model.dispose();
    },
    300_000,
  );
});
