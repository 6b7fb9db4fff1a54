import { fastformer, hypermixing, mamba, mhsa, summarymixing } from "bestrq/mixers";
import { conformer, initialise, type Mixer } from "bestrq/nn";
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { batchOf } from "../batch";
import { expectClose } from "../reference";
import { everyBackend, useBackend } from "../tensor/backends";

// Primes where the sizes are free, so that no transposition can pass.
const [width, frames, valid] = [21, 13, 7];
const mixers: Record<string, () => Mixer> = {
  mhsa: () => mhsa({ width, heads: 3 }) as unknown as Mixer,
  hypermixing: () => hypermixing({ width, heads: 3, hidden: 15 }) as unknown as Mixer,
  fastformer: () => fastformer({ width, heads: 3 }) as unknown as Mixer,
  summarymixing: () =>
    summarymixing({ width, heads: 1, localHidden: 11, local: 17, summaryHidden: 19 }) as unknown as Mixer,
  mamba: () => mamba({ width, states: 5 }) as unknown as Mixer,
};

describe.each(everyBackend)("on %s", (name) => {
  beforeAll(() => useBackend(name));

  describe.each(Object.entries(mixers))("%s", (_, make) => {
    const options = { width, feedForward: 23, kernel: 5, activation: "swish" } as const;

    test("gives a padded utterance what it gives the utterance alone, in a conformer block", async () => {
      const block = conformer(make(), options);
      const random = new Random(11);
      const parameters = initialise(block.spec, random);
      const speech = random.normal([1, valid, width], 0, 1) as tf.Tensor3D;
      const noise = random.normal([1, frames - valid, width], 0, 9) as tf.Tensor3D;
      const other = random.normal([1, frames, width], 0, 1) as tf.Tensor3D;
      const batch = tf.concat([other, tf.concat([speech, noise], 1)], 0) as tf.Tensor3D;
      const together = block.apply(parameters, batch, batchOf([frames, valid], frames));
      const alone = block.apply(parameters, speech, batchOf([valid], valid));
      await expectClose(together.slice([1, 0, 0], [1, valid, -1]), alone, 1e-5, "the padded utterance");
    });

    test("frees all that it allocates on the way", () => {
      const block = conformer(make(), options);
      const parameters = initialise(block.spec, new Random(5));
      const x = tf.ones([2, frames, width]) as tf.Tensor3D;
      const batch = batchOf([frames, valid], frames);
      const before = tf.memory().numTensors;
      tf.tidy(() => void block.apply(parameters, x, batch));
      tf.dispose(tf.grad((input) => block.apply(parameters, input as tf.Tensor3D, batch).sum())(x));
      expect(tf.memory().numTensors).toBe(before);
    });

    test("mixes over time: its output at the first frame depends on the last", async () => {
      const mixer = make();
      const parameters = initialise(mixer.spec, new Random(3));
      const x = new Random(4).normal([1, frames, width], 0, 1) as tf.Tensor3D;
      const first = (input: tf.Tensor) =>
        mixer
          .apply(parameters, input as tf.Tensor3D, batchOf([frames], frames))
          .slice([0, 0, 0], [1, 1, -1])
          .mul(tf.range(0, width)) // a norm's outputs have the same sum whatever goes in
          .sum();
      const influence = tf
        .grad(first)(x)
        .slice([0, frames - 1, 0], [1, 1, -1])
        .abs()
        .sum();
      expect((await influence.data())[0]).toBeGreaterThan(1e-5);
    });
  });
});

test("mhsa() throws a RangeError where the heads do not divide the width", () => {
  expect(() => mhsa({ width: 10, heads: 3 })).toThrow(
    "Cannot split the width into heads: the width must be a multiple of the heads, got width = 10, heads = 3",
  );
});
