import { applyMask, BestRq, configure, drawMask, mixerNames } from "bestrq/bestrq";
import { backend, Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { expectClose } from "../reference";

beforeAll(() => backend.use("tensorflow"));

describe("BestRq", () => {
  /** Front end, encoder and head of the authors' models. */
  const paper = {
    base: {
      mhsa: 94_029_024,
      hypermixing: 94_321_536,
      fastformer: 93_928_344,
      summarymixing: 94_606_344,
      mamba: 94_233_486,
    },
    large: { mhsa: 313.5, hypermixing: 315.44, fastformer: 312.55, summarymixing: 313.37, mamba: 314.92 },
  };

  test.each(mixerNames)("has the paper's number of parameters with %s", (mixer) => {
    expect(BestRq.countParameters({ mixer, size: "base" })).toBe(paper.base[mixer]);
    expect(BestRq.countParameters({ mixer, size: "large" }) / 1e6).toBeCloseTo(paper.large[mixer], 2);
  });

  test.each([
    ["fastformer", "large-wide", 315.87],
    ["summarymixing", "base-8-heads", 94.13],
    ["summarymixing", "large-8-heads", 313.71],
  ] as const)("has with %s as %s the second model that the authors trained", (mixer, size, millions) => {
    expect(BestRq.countParameters({ mixer, size }) / 1e6).toBeCloseTo(millions, 2);
  });

  test("has nearly as many parameters with each mixer in size tiny", () => {
    const counts = mixerNames.map((mixer) => BestRq.countParameters({ mixer, size: "tiny" }));
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.05);
  });

  test.each(mixerNames)("encodes %s without leaking, the same for the same seed, and lists L + 1 states", (mixer) => {
    const before = tf.memory().numTensors;
    const [one, two, other] = [7, 7, 8].map((seed) => new BestRq({ mixer, size: "tiny", seed }));
    const features = new Random(1).normal([2, 41, 80], 0, 1) as tf.Tensor3D;
    const batch = { features, lengths: [41, 23] };
    const states: tf.Tensor3D[] = [];
    const hidden = one.encode(batch, { states });
    expect(hidden.shape).toEqual([2, 11, one.config.width]);
    expect(states.map(({ shape }) => shape)).toEqual(Array(one.config.layers + 1).fill(hidden.shape));
    const again = two.encode(batch);
    const different = other.encode(batch);
    expect([...again.dataSync()]).toEqual([...hidden.dataSync()]);
    expect([...different.dataSync()]).not.toEqual([...hidden.dataSync()]);
    const few: tf.Tensor3D[] = [];
    const early = one.encode(batch, { states: few, blocks: 1 });
    expect(few.map((state) => [...state.dataSync()])).toEqual(states.slice(0, 2).map((state) => [...state.dataSync()]));
    expect([...early.dataSync()]).not.toEqual([...hidden.dataSync()]);
    tf.dispose([features, hidden, again, different, early, ...states, ...few]);
    for (const model of [one, two, other]) model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each(mixerNames)("gives %s's valid frames whatever the padding holds", async (mixer) => {
    const model = new BestRq({ mixer, size: "tiny" });
    const random = new Random(2);
    const speech = random.normal([1, 28, 80], 0, 1);
    const hidden = [0, 5].map((loudness) => {
      const padding = random.normal([1, 24, 80], 0, loudness);
      // The front end's two convolutions reach three frames beyond the end; what lies there is silence in both.
      const silence = tf.zeros([1, 4, 80]);
      const features = tf.concat([speech, silence, padding], 1) as tf.Tensor3D;
      return model.encode({ features, lengths: [28] }).slice([0, 0, 0], [1, 7, -1]);
    });
    await expectClose(hidden[0], hidden[1], 1e-5, "valid frames");
    model.dispose();
  });

  test("names what it does not know", () => {
    expect(() => configure({ mixer: "attention" as "mhsa" })).toThrow(
      'Cannot build a model with mixer "attention": it must be one of mhsa, hypermixing, fastformer, summarymixing, mamba',
    );
    expect(() => configure({ mixer: "mhsa", size: "huge" as "tiny" })).toThrow("it must be one of tiny, base, large");
    expect(() => configure({ mixer: "mamba", size: "large-wide" })).toThrow(
      'size "large-wide": it must be one of tiny,',
    );
  });

  test("refuses features and lengths that do not fit, and says what would", () => {
    const model = new BestRq({ mixer: "mhsa", size: "tiny" });
    const encode = (shape: [number, number, number], lengths: number[]) => () =>
      model.encode({ features: tf.zeros(shape), lengths });
    expect(encode([1, 20, 40], [20])).toThrow("must be [B, T, 80] with one length for each of the B utterances");
    expect(encode([2, 20, 80], [20])).toThrow("features of shape [2,20,80] with 1 lengths");
    expect(encode([1, 20, 80], [21])).toThrow("must be a whole number of frames from 1 to 20, got 21");
    model.dispose();
  });

  test("drops and skips while training as the seed says, and never otherwise", () => {
    const model = new BestRq({ mixer: "summarymixing", size: "tiny", dropout: 0.3, layerDrop: 0.5 });
    const features = new Random(3).normal([1, 24, 80], 0, 1) as tf.Tensor3D;
    const hidden = (random?: Random) => [...model.encode({ features, lengths: [24] }, { random }).dataSync()];
    expect(hidden(new Random(1))).toEqual(hidden(new Random(1)));
    expect(hidden(new Random(1))).not.toEqual(hidden(new Random(2)));
    expect(hidden()).toEqual(hidden());
    model.dispose();
  });
});

describe("drawMask()", () => {
  test("masks about 60 % of the shortest utterance in whole blocks, without repetition, for any seed and length", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new Random(seed);
      const lengths = [4 + random.integer(600), 4 + random.integer(600)];
      const { frames, noise } = drawMask(lengths, 3, { probability: 0.15, stride: 4 }, random);
      const shortest = Math.min(...lengths);
      expect(frames.length, `seed ${seed}, lengths ${lengths}`).toBeGreaterThanOrEqual(
        Math.max(1, Math.floor(0.15 * shortest)),
      );
      expect(frames.length).toBeLessThanOrEqual(Math.floor(0.15 * shortest) + 1);
      expect(new Set(frames).size).toBe(frames.length);
      expect([...frames].sort((a, b) => a - b)).toEqual(frames);
      expect(Math.max(...frames)).toBeLessThan(Math.floor(shortest / 4));
      expect(noise.shape).toEqual([2, 4 * frames.length, 3]);
      noise.dispose();
    }
  });

  test("refuses an utterance shorter than a block", () => {
    expect(() => drawMask([90, 3], 80, { probability: 0.15, stride: 4 }, new Random(1))).toThrow(
      "Cannot mask a batch whose shortest utterance has 3 frames: a block takes 4",
    );
  });
});

test("applyMask() replaces the masked frames by their noise and no other", () => {
  const features = tf.zeros([2, 13, 5]) as tf.Tensor3D;
  const noise = tf.range(1, 81).reshape([2, 8, 5]) as tf.Tensor3D;
  const masked = applyMask(features, { frames: [0, 2], noise });
  expect(masked.slice([0, 0, 0], [-1, 4, -1]).arraySync()).toEqual(noise.slice([0, 0, 0], [-1, 4, -1]).arraySync());
  expect(masked.slice([0, 8, 0], [-1, 4, -1]).arraySync()).toEqual(noise.slice([0, 4, 0], [-1, 4, -1]).arraySync());
  expect(masked.slice([0, 4, 0], [-1, 4, -1]).abs().sum().arraySync()).toBe(0);
  expect(masked.slice([0, 12, 0], [-1, 1, -1]).abs().sum().arraySync()).toBe(0);
});
