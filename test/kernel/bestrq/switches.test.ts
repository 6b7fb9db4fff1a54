import { BestRq, type BestRqOptions, configure, type MixerName, paperSwitches, rightSwitches } from "bestrq/bestrq";
import { backend, Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { expectClose } from "../reference";

beforeAll(() => backend.use("tensorflow"));

/** A model that takes no time. */
const small = {
  size: "tiny",
  mels: 4,
  channels: [3, 5],
  width: 6,
  heads: 2,
  layers: 1,
  feedForward: 8,
  kernel: 3,
  codes: 11,
  codeWidth: 3,
} as const;
const modelOf = (mixer: MixerName, changes: Partial<BestRqOptions> = {}) =>
  new BestRq({ ...small, mixer, ...changes } as BestRqOptions);
const noise = (...shape: [number, number, number]) => new Random(9).normal(shape) as tf.Tensor3D;
const valuesOf = (model: BestRq, path: string) => [
  ...(model
    .entries()
    .find(([name]) => name.endsWith(path))?.[1]
    .dataSync() ?? []),
];
const deviation = (values: number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

describe("configure()", () => {
  test("is right by default, the authors' with paper: true, and either with single changes", () => {
    expect(configure({ mixer: "mhsa" })).toMatchObject(rightSwitches);
    expect(configure({ mixer: "mhsa", paper: true })).toMatchObject(paperSwitches);
    const mixed = configure({ mixer: "mhsa", paper: true, leftPadding: false });
    expect(mixed).toMatchObject({ ...paperSwitches, leftPadding: false });
    expect(configure(mixed)).toEqual(mixed);
  });

  test("has another position than the paper's for every switch", () => {
    for (const [name, position] of Object.entries(rightSwitches)) {
      expect(position, name).not.toBe(paperSwitches[name as keyof typeof paperSwitches]);
    }
  });
});

describe("quantizerNorm", () => {
  test("over time makes a frame's code depend on other frames, over the code it does not", () => {
    tf.tidy(() => {
      const features = noise(1, 40, 4);
      const loudBand = features.slice([0, 20, 0]).mul(tf.tensor1d([50, 1, 1, 1]));
      const louder = tf.concat([features.slice([0, 0, 0], [1, 20, 4]), loudBand], 1);
      const same = (quantizerNorm: "time" | "code") => {
        const { quantizer } = modelOf("mhsa", { quantizerNorm, codes: 997 });
        const [one, other] = [features, louder].map((x) => quantizer.targets(x as tf.Tensor3D).slice([0, 0], [1, 5]));
        return [...one.dataSync()].join() === [...other.dataSync()].join();
      };
      expect(same("code")).toBe(true);
      expect(same("time")).toBe(false);
    });
  });
});

describe("symmetricPositions", () => {
  const mirrored = (symmetricPositions: boolean) =>
    tf.tidy(() => {
      // What is left of a conformer block's sense of time is its convolution, which sees one frame here.
      const model = modelOf("mhsa", { symmetricPositions, kernel: 1, channels: [] as number[], mels: 4 });
      const features = noise(1, 13, 4);
      const forth = model.encode({ features, lengths: [13] });
      const back = tf.reverse(model.encode({ features: tf.reverse(features, 1), lengths: [13] }), 1);
      return forth.sub(back).abs().max().dataSync()[0];
    });

  test("cannot tell a recording from its mirror image, signed ones can", () => {
    expect(mirrored(true)).toBeLessThan(1e-5);
    expect(mirrored(false)).toBeGreaterThan(1e-3);
  });
});

describe("leftPadding", () => {
  test("encodes, masks and quantizes as if zero frames stood on the left", async () => {
    const [plain, padding] = [modelOf("fastformer"), modelOf("fastformer", { leftPadding: true })];
    const features = noise(2, 41, 4);
    const padded = tf.pad(features, [[0, 0], [3, 0], [0, 0]]); // biome-ignore format: one line
    const mask = padding.drawMask({ features, lengths: [41, 22] }, new Random(4));
    const expected = plain.drawMask({ features: padded, lengths: [44, 25] }, new Random(4));
    expect(mask.frames).toEqual(expected.frames);
    const hidden = padding.encode({ features, lengths: [41, 22] });
    await expectClose(hidden, plain.encode({ features: padded, lengths: [44, 25] }), 1e-6, "hidden");
    const { loss } = padding.loss({ features, lengths: [41, 22] }, mask);
    await expectClose(loss, plain.loss({ features: padded, lengths: [44, 25] }, mask).loss, 1e-6, "loss");
  });
});

describe("finitePositions", () => {
  test.each([
    ["fastformer", 2500],
    ["summarymixing", 2500],
    ["mamba", 2500],
    ["hypermixing", 3000],
  ] as const)(
    "ends %s after %i frames with a RangeError that says the way out; by default nothing ends",
    (mixer, limit) => {
      const features = tf.zeros([1, 4 * limit + 4, 4]) as tf.Tensor3D;
      const lengths = [4 * limit + 4];
      expect(() => modelOf(mixer, { finitePositions: true }).encode({ features, lengths })).toThrow(
        new RangeError(
          `Cannot give positions to ${limit + 1} frames: the authors' finite table ends after ${limit}. ` +
            "Cut the audio, or leave finitePositions off, which takes any length",
        ),
      );
      const hidden = modelOf(mixer).encode({ features, lengths });
      expect(hidden.shape).toEqual([1, limit + 1, 6]);
      expect(hidden.isNaN().any().dataSync()[0]).toBe(0);
      tf.dispose([features, hidden]);
    },
  );
});

describe("leakPadding", () => {
  test.each(["fastformer", "mamba"] as const)("lets what lies in %s's padding reach valid frames", (mixer) => {
    const model = modelOf(mixer, { leakPadding: true, kernel: 5 });
    const speech = noise(1, 28, 4);
    const [silent, loud] = [0, 5].map((loudness) => {
      const features = tf.concat([speech, tf.zeros([1, 4, 4]), noise(1, 24, 4).mul(loudness)], 1) as tf.Tensor3D;
      return model.encode({ features, lengths: [28] }).slice([0, 0, 0], [1, 7, -1]);
    });
    expect(silent.sub(loud).abs().max().dataSync()[0]).toBeGreaterThan(1e-4);
  });
});

describe("initialisation", () => {
  const wide = { width: 64, heads: 4, feedForward: 64 };
  const both = (mixer: MixerName, path: string) =>
    (["native", "paper"] as const).map((initialisation) => {
      const model = modelOf(mixer, { ...wide, initialisation });
      const values = valuesOf(model, path);
      model.dispose();
      return values;
    });

  test("begins Mamba's A at −1 to −16, in the paper near −1", () => {
    const [native, paper] = both("mamba", "forward.logDecay");
    expect(native.slice(0, 16).map((value) => Math.round(Math.exp(value)))).toEqual(
      [...Array(16)].map((_, i) => i + 1),
    );
    expect(deviation(paper)).toBeCloseTo(Math.sqrt(2 / (128 + 16)), 2);
  });

  test("begins Fastformer with deviation 0.02, in the paper as any other linear map", () => {
    const [native, paper] = both("fastformer", "query.weight");
    expect(deviation(native)).toBeCloseTo(0.02, 3);
    expect(deviation(paper)).toBeCloseTo(Math.sqrt(2 / 128), 2);
  });

  test("begins HyperMixing's biases and MHSA's, which the paper draws as weights, too", () => {
    const fans = (4 + 16) / 2;
    const [native, paper] = both("hypermixing", "hypernetwork1.output.bias");
    expect(Math.max(...native.map(Math.abs))).toBeLessThanOrEqual(Math.SQRT2 * Math.sqrt(3 / fans));
    expect(deviation(native)).toBeCloseTo(Math.SQRT2 * Math.sqrt(1 / fans), 0);
    expect(deviation(paper)).toBeCloseTo(Math.sqrt(1 / fans), 0);
    expect(deviation(both("mhsa", "mixer.contentBias")[0])).toBeGreaterThan(0.1);
  });

  test("leaves front end and head as PyTorch begins them in both", () => {
    for (const path of ["frontEnd.0.convolution.weight", "head.weight"]) {
      const [native, paper] = both("mhsa", path);
      expect(paper).toEqual(native);
    }
  });
});

test.each(["paper", "current", "fast", "lite"] as const)(
  "a model mixes by SummaryMixing's %s form, and learns",
  (form) => {
    const summaryMixing = { form, localHidden: 4, local: 6, summaryHidden: 8 };
    const model = modelOf("summarymixing", { summaryMixing });
    const batch = { features: noise(2, 24, 4), lengths: [24, 20] };
    const mask = model.drawMask(batch, new Random(1));
    const { value, grads } = tf.variableGrads(() => model.loss(batch, mask).loss);
    expect(value.dataSync()[0]).toBeGreaterThan(0);
    for (const [path, variable] of model.entries()) {
      expect(grads[variable.name].abs().max().dataSync()[0], path).toBeGreaterThan(0);
    }
    model.dispose();
  },
);
