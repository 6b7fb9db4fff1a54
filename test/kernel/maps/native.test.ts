// Native maps against other ways to compute them: reference attention, the mechanism applied to unit impulses, finite
// differences, its equation in plain loops.
import { basename } from "node:path";
import { configure, type MixerName, makeMixer, mixerSources } from "bestrq/bestrq";
import { type BackendName, backend, Random, selectiveScan, tf, unrollScan } from "bestrq/tensor";
import { configOf } from "bestrq/verify/config";
import { Vectors } from "bestrq/verify/vectors";
import { beforeAll, describe, expect, test } from "vitest";
import { batchOf } from "../batch";
import { vectorFiles } from "../reference";
import { relativeError } from "../tensor/backends";
import { mapOf, mixed, rowsOf, shownBy, sizes } from "./shown";

type Rows = number[][];
const rows = (tensor: tf.Tensor) => tensor.arraySync() as Rows;
const norm = (row: readonly number[]) => Math.hypot(...row);
const total = (row: readonly number[]) => row.reduce((sum, value) => sum + value, 0);
const close = (actual: Rows, expected: Rows, tolerance = 1e-5) => {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  expect(relativeError(actual.flat(), expected.flat())).toBeLessThan(tolerance);
};

/** Frames of the longer and of the shorter, padded utterance. */
const lengths: [number, number][] = [
  [7, 5],
  [13, 11],
  [67, 31],
];
const utterances = lengths.flatMap(([longer, shorter]) => [
  { longer, shorter, row: 0, frames: longer },
  { longer, shorter, row: 1, frames: shorter },
]);

describe.each<BackendName>(["tensorflow", "wasm"])("on %s", (name) => {
  beforeAll(() => backend.use(name));

  describe.each(utterances)("of $frames frames in a batch of $longer", ({ longer, shorter, row, frames }) => {
    const run = (mixer: MixerName) => mixed(mixer, [longer, shorter]);
    const cut = (tensor: tf.Tensor, axis: number, first = 0) => {
      const [, ...shape] = tensor.shape;
      const begin = shape.map((_, index) => (index === axis ? first : 0));
      shape[axis] = frames;
      return tensor.slice([row, ...begin], [1, ...shape]).squeeze([0]);
    };

    test("attention is what each query gives each key, by the equation in loops", async () => {
      const { taps } = run("mhsa");
      const [content, position, keys] = ["content queries", "position queries", "keys"].map(
        (part) => cut(taps.get(part)!, 1).arraySync() as Rows[],
      );
      const positions = tf.unstack(taps.get("positions")!)[row].arraySync() as Rows[];
      const dot = (a: number[], b: number[]) => total(a.map((value, index) => value * b[index]));
      const { panels } = await mapOf("mhsa", taps, row, frames);
      expect(panels.map((panel) => panel.name)).toEqual(["head 1", "head 2", "head 3"]);
      for (const [head, panel] of panels.entries()) {
        const attention = content[head].map((query, i) => {
          const scores = keys[head].map(
            (key, j) => dot(query, key) + dot(position[head][i], positions[head][longer - 1 - (i - j)]),
          );
          const powers = scores.map(Math.exp);
          return powers.map((power) => power / total(powers));
        });
        close(await rowsOf(panel), attention);
      }
    });

    test("HyperMixing's product is its linearisation, by finite differences", async () => {
      const { taps } = run("hypermixing");
      const [w1, w2] = ["mixing 1", "mixing 2"].map((part) => cut(taps.get(part)!, 1).arraySync() as Rows[]);
      const hidden = (tf.unstack(taps.get("mixed")!)[row] as tf.Tensor3D).arraySync(); // [H, K, d]
      const { panels, matrices } = await mapOf("hypermixing", taps, row, frames);
      const step = 1e-4;
      for (const [head, panel] of panels.entries()) {
        // y_ic = Σ_k W₂_ik GELU(m_kc), and a step of x_jc moves m_kc by W₁_jk.
        const change = w1[head].map((weights) =>
          hidden[head].map((features, k) => {
            const away = step * weights[k];
            return total(features.map((m) => (gelu(m + away) - gelu(m - away)) / (2 * step))) / features.length;
          }),
        );
        const linearised = w2[head].map((weights) =>
          change.map((slopes) => Math.abs(total(slopes.map((slope, k) => slope * weights[k])))),
        );
        close(await rowsOf(panel), linearised, 1e-4);
      }
      for (const [index, matrix] of matrices!.panels.entries()) close(await rowsOf(matrix), [...w1, ...w2][index]);
    });

    test("Fastformer's weights are its equation in loops", async () => {
      const { taps, parameters, x } = run("fastformer");
      const p = parameters as unknown as Record<string, Record<"weight" | "bias", tf.Variable>>;
      const [width, heads] = [sizes.width, sizes.heads];
      const size = width / heads;
      const affine = (input: Rows, { weight, bias }: (typeof p)[string]) => {
        const [w, b] = [rows(weight), bias.arraySync() as unknown as number[]];
        return input.map((frame) => b.map((shift, o) => shift + total(frame.map((value, i) => value * w[i][o]))));
      };
      const shares = (values: Rows, by: (typeof p)[string]) => {
        const scores = affine(values, by);
        return Array.from({ length: heads }, (_, head) => {
          const powers = scores.map((score) => Math.exp(score[head] / Math.sqrt(size)));
          return powers.map((power) => power / total(powers));
        });
      };
      const speech = rows(cut(x, 0));
      const query = affine(speech, p.query);
      const alpha = shares(query, p.queryAttention);
      const pooled = Array.from({ length: width }, (_, i) =>
        total(query.map((frame, t) => frame[i] * alpha[Math.floor(i / size)][t])),
      );
      const beta = shares(
        affine(speech, p.key).map((frame) => frame.map((value, i) => value * pooled[i])),
        p.keyAttention,
      );
      const { panels, matrices, curves } = await mapOf("fastformer", taps, row, frames);
      for (const [head, panel] of panels.entries()) close(await rowsOf(panel), Array(frames).fill(beta[head]));
      const [queryWeights, keyWeights] = await Promise.all(matrices!.panels.map(rowsOf));
      close(queryWeights, alpha);
      close(keyWeights, beta);
      close(
        curves!.quantities[0].series.map(({ values }) => [...values]),
        alpha,
      );
      close(
        curves!.quantities[1].series.map(({ values }) => [...values]),
        beta,
      );
    });

    test("SummaryMixing's contributions are what is missing without a frame", async () => {
      const { taps, parameters, x } = run("summarymixing");
      const lite = makeMixer(
        configure({
          ...{ mixer: "summarymixing", size: "tiny", ...sizes, heads: 1 },
          summaryMixing: { ...sizes.summaryMixing, form: "lite" },
        }),
      );
      const { summary } = parameters as unknown as { summary: object };
      const alone = cut(x, 0) as tf.Tensor2D;
      /** The sum of all summaries but one frame's: what the lite form, the mean alone, gives with it masked. */
      const without = (frame?: number): number[] => {
        const speech = Float32Array.from({ length: frames }, (_, t) => (t === frame ? 0 : 1));
        const mask = tf.tensor3d(speech, [1, frames, 1]);
        const batch = { ...batchOf([frames], frames), mask };
        const mean = lite.apply({ summary } as never, alone.expandDims(0) as tf.Tensor3D, batch);
        return rows(mean.squeeze([0]))[0].map((value) => value * (frame === undefined ? frames : frames - 1));
      };
      const all = without();
      const sizesOfFrames = alone.arraySync().map((_, frame) => norm(without(frame).map((value, i) => all[i] - value)));
      const contribution = sizesOfFrames.map((size) => size / total(sizesOfFrames));

      const local = rows(cut(taps.get("local")!, 0));
      const common = rows(tf.unstack(taps.get("mean summary")!)[row])[0];
      const merge = rows(taps.get("merge")!);
      const merged = (values: number[], first: number) =>
        norm(merge[0].map((_, o) => total(values.map((value, i) => value * merge[first + i][o]))));
      const share = local.map((frame) => {
        const [own, shared] = [merged(frame, 0), merged(common, frame.length)];
        return own / (own + shared);
      });
      const { panels, curves } = await mapOf("summarymixing", taps, row, frames);
      const [contributions, shares] = curves!.quantities.map(({ series }) => [...series[0].values]);
      close([contributions], [contribution], 1e-4);
      close([shares], [share]);
      const expected = share.map((own, i) => contribution.map((part, j) => (1 - own) * part + (i === j ? own : 0)));
      close(await rowsOf(panels[0]), expected, 1e-4);
    });

    test("hidden attention is what the scan does to unit impulses, in both directions and in one channel", async () => {
      const { taps } = run("mamba");
      const impulses = (direction: "forward" | "backward") => {
        const of = (part: string) => taps.get(`${direction}.${part}`)!;
        const first = direction === "forward" ? 0 : longer - frames; // padding comes first in reverse
        const sequence = (part: string) => cut(of(part), 0, first).expandDims(0) as tf.Tensor3D;
        const [step, B, C] = ["step size", "input map", "output map"].map(sequence);
        const columns = Array.from({ length: frames }, (_, frame) => {
          const impulse = tf
            .oneHot(tf.fill([1], frame, "int32"), frames)
            .cast("float32")
            .reshape([1, frames, 1]);
          const x = impulse.tile([1, 1, step.shape[2]]) as tf.Tensor3D;
          return selectiveScan(x, step, of("decay") as tf.Tensor2D, B, C, of("skip") as tf.Tensor1D).squeeze([0]);
        });
        const matrix = tf.stack(columns, 1); // [output, input, channels]
        return direction === "forward" ? matrix : tf.reverse(matrix, [0, 1]);
      };
      const [forward, backward] = [impulses("forward"), impulses("backward")];
      const magnitude = (matrix: tf.Tensor) => matrix.abs().mean(-1);
      const { panels, matrices } = await mapOf("mamba", taps, row, frames);
      close(await rowsOf(panels[0]), rows(magnitude(forward).add(magnitude(backward))));
      close(await rowsOf(matrices!.panels[0]), rows(magnitude(forward)));
      close(await rowsOf(matrices!.panels[1]), rows(magnitude(backward)));
      const one = await mapOf("mamba", taps, row, frames, 23);
      const channel = (matrix: tf.Tensor) => rows(tf.unstack(matrix, -1)[23]);
      close(await rowsOf(one.panels[0]), channel(forward.add(backward)));
      close(await rowsOf(one.matrices!.panels[1]), channel(backward));
    });
  });

  test.each(vectorFiles.filter((path) => basename(path) === "mhsa.safetensors"))(
    "attention is the original's, padded keys cut off: %s",
    async (path) => {
      const vectors = new Vectors(path);
      const config = configOf("mhsa", vectors.settings);
      const mixer = makeMixer(config);
      const parameters = vectors.parameters(mixer.spec, mixerSources("mhsa", config.heads));
      const [, frames] = vectors.shape("input");
      const valid = vectors.numbers("lengths");
      const batch = batchOf(valid, frames);
      const taps = shownBy(() => mixer.apply(parameters as never, vectors.tensor("input"), batch));
      const attention = vectors.tensor<tf.Tensor4D>("attention");
      for (const [row, length] of valid.entries()) {
        const { panels } = await mapOf("mhsa", taps, row, length);
        for (const [head, panel] of panels.entries()) {
          const expected = attention.slice([row, head, 0, 0], [1, 1, length, length]).squeeze([0, 1]);
          close(await rowsOf(panel), rows(expected));
        }
      }
      vectors.close();
    },
  );
});

test.each([1, 16, 17, 131, 307])("unrollScan() of %i frames equals its sum in double precision", (frames) => {
  const [channels, states] = [5, 7];
  const random = new Random(9);
  const of = (tensor: tf.Tensor) => tensor.dataSync<"float32">();
  const delta = of(random.uniform([frames, channels], 0.001, 1));
  const A = of(random.uniform([channels, states], -16, -0.1));
  const [B, C] = [of(random.normal([frames, states])), of(random.normal([frames, states]))];
  const skip = of(random.normal([channels]));
  const expected: Rows = Array.from({ length: frames }, () => Array(frames).fill(0));
  for (let channel = 0; channel < channels; channel++) {
    for (let j = 0; j < frames; j++) {
      let since = 0;
      for (let i = j; i < frames; i++) {
        if (i > j) since += delta[i * channels + channel];
        let response = i === j ? skip[channel] : 0;
        for (let n = 0; n < states; n++) {
          const decay = Math.exp(since * A[channel * states + n]);
          response += C[i * states + n] * decay * delta[j * channels + channel] * B[j * states + n];
        }
        expected[i][j] += Math.abs(response) / channels;
      }
    }
  }
  const actual = [...unrollScan({ frames, channels, states, delta, A, B, C, skip })].flatMap((block) => block.rows);
  close(
    actual.map((row) => [...row]),
    expected,
  );
});

/** By the Taylor series of the error function; beyond 4 it is 1 to the seventh decimal. */
function gelu(x: number): number {
  const z = x / Math.SQRT2;
  if (Math.abs(z) > 4) return Math.max(x, 0);
  let [term, sum] = [z, z];
  for (let n = 1; n < 200; n++) {
    term *= -(z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (x / 2) * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}
