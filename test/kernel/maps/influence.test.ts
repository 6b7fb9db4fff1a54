// Influence against finite differences, and estimates against what is exact.
import { BestRq, type MixerName, mixerNames } from "bestrq/bestrq";
import { influence, type Part } from "bestrq/maps";
import { prepare } from "bestrq/maps/input";
import { workingPart } from "bestrq/maps/parts";
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { relativeError, useBackend } from "../tensor/backends";

const small = { mels: 8, channels: [3, 2], width: 6, layers: 2, heads: 2, feedForward: 8, kernel: 5, codes: 11 };
const modelOf = (mixer: MixerName, heads = mixer === "summarymixing" ? 1 : small.heads) => {
  const summaryMixing = { localHidden: 7, local: 5, summaryHidden: 11 };
  return new BestRq({ mixer, size: "tiny", ...small, heads, summaryMixing, dropout: 0, layerDrop: 0, seed: 3 });
};
const featuresOf = (length: number) => new Random(5).normal([length, small.mels], 0, 1) as tf.Tensor2D;

/** ‖∂ output_i / ∂ input_j‖ by central differences, each input of each frame moved once. */
async function byDifferences(model: BestRq, features: tf.Tensor2D, part: Part, layer: number): Promise<number[]> {
  const prepared = await prepare(model, features, {});
  const { input, apply } = await workingPart(model, part, layer, prepared);
  prepared.dispose();
  const [frames, width] = input.shape;
  const step = 2e-2;
  const squares = Array<number>(frames * frames).fill(0);
  for (let j = 0; j < frames; j++) {
    const moved = Array.from({ length: width }, (_, feature) =>
      [step, -step].map((way) => input.values.map((value, at) => value + (at === j * width + feature ? way : 0))),
    ).flat();
    const outputs = tf.tidy(() =>
      apply(tf.tensor3d(Float32Array.from(moved.flatMap((one) => [...one])), [2 * width, frames, width])),
    );
    const values = (await outputs.array()) as number[][][];
    outputs.dispose();
    for (let feature = 0; feature < width; feature++) {
      for (let i = 0; i < frames; i++) {
        for (let o = 0; o < width; o++) {
          squares[i * frames + j] += ((values[2 * feature][i][o] - values[2 * feature + 1][i][o]) / (2 * step)) ** 2;
        }
      }
    }
  }
  return squares.map(Math.sqrt);
}

describe.each(["tensorflow", "wasm"] as const)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  describe.each([17, 41])("influence() of %i feature frames", (length) => {
    test.each(mixerNames.flatMap((mixer) => (["mixer", "block", "encoder"] as Part[]).map((of) => ({ mixer, of }))))(
      "through the $of of $mixer is what finite differences give, and leaks nothing",
      async ({ mixer, of }) => {
        const model = modelOf(mixer);
        const features = featuresOf(length);
        const before = tf.memory().numTensors;
        const map = await influence(model, features, { of, layer: 1, method: "exact" });
        expect(tf.memory().numTensors).toBe(before);
        const frames = Math.ceil(length / 4);
        expect(map.panels[0].shape).toEqual([frames, frames]);
        expect(map).toMatchObject({ method: "exact", relativeError: 0, groupFrames: 1 });
        const expected = await byDifferences(model, features, of, 1);
        expect(relativeError(await map.panels[0].values(), expected)).toBeLessThan(1e-2);
        model.dispose();
      },
    );
  });
});

describe("estimates", () => {
  beforeAll(() => useBackend("wasm"));

  test.each([
    { projections: 8, groupFrames: 1 },
    { projections: 64, groupFrames: 1 },
    { projections: 16, groupFrames: 3 },
  ])("lie about as far off as they say, with $projections projections of $groupFrames frames", async (how) => {
    for (const mixer of mixerNames) {
      const model = modelOf(mixer);
      const features = featuresOf(43);
      const exact = await (await influence(model, features, { method: "exact" })).panels[0].values();
      const map = await influence(model, features, { method: "estimate", ...how });
      const estimated = await map.panels[0].values();
      const frames = 11;
      let [off, size] = [0, 0];
      for (let i = 0; i < frames; i++) {
        const first = i - (i % how.groupFrames);
        const rows = Array.from({ length: Math.min(how.groupFrames, frames - first) }, (_, row) => first + row);
        for (let j = 0; j < frames; j++) {
          const mean = Math.sqrt(rows.reduce((sum, row) => sum + exact[row * frames + j] ** 2, 0) / rows.length);
          off += (estimated[i * frames + j] - mean) ** 2;
          size += mean ** 2;
        }
      }
      const error = Math.sqrt(off / size);
      expect(map.relativeError).toBeGreaterThan(error / 2);
      expect(map.relativeError).toBeLessThan(error * 2);
      expect(map.title).toContain(`estimated ± ${(100 * map.relativeError).toFixed(1)} %`);
      model.dispose();
    }
  });

  test("are the same for the same seed", async () => {
    const model = modelOf("mamba");
    const map = async (seed: number) =>
      (await influence(model, featuresOf(20), { method: "estimate", seed })).panels[0].values();
    expect(await map(3)).toEqual(await map(3));
    expect(await map(3)).not.toEqual(await map(4));
    model.dispose();
  });

  test("need two projections", async () => {
    const model = modelOf("mhsa");
    await expect(influence(model, featuresOf(20), { projections: 1 })).rejects.toThrow(
      "Cannot measure influence: projections must be a whole number from 2, got 1",
    );
    model.dispose();
  });
});
