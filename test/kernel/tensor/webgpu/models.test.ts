// Whole models on "webgpu", and moved between the backends: training, maps, files and the memory account.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BestRq, type MixerName, mixerNames, readCheckpoint, saveCheckpoint } from "bestrq/bestrq";
import { mixerMap } from "bestrq/maps";
import { backend, Random, tf } from "bestrq/tensor";
import { pretrain } from "bestrq/train";
import { beforeAll, describe, expect, test } from "vitest";
import { lackOfSwiftShader } from "../../../swiftshader";
import { handles, relativeError, useBackend } from "../backends";

const timeout = 300_000; // on a busy machine
const sizes = { mels: 8, channels: [3, 2], width: 12, heads: 2, layers: 1, feedForward: 16, kernel: 5, codes: 11 };
const modelOf = (mixer: MixerName) => new BestRq({ mixer, ...sizes, dropout: 0, layerDrop: 0, seed: 2 });
const batchOf = () => ({ features: new Random(4).normal([2, 48, sizes.mels]) as tf.Tensor3D, lengths: [48, 32] });

/** The loss of one step of training, and the map of the first layer after it. */
async function trained(mixer: MixerName) {
  const [model, batch] = [modelOf(mixer), batchOf()];
  const losses: number[] = [];
  for await (const { loss } of pretrain(model, { next: () => batch }, { steps: 1 })) losses.push(loss);
  const features = tf.tidy(() => batch.features.slice([0, 0, 0], [1, -1, -1]).squeeze([0]) as tf.Tensor2D);
  const { panels } = await mixerMap(model, features);
  tf.dispose([batch.features, features]);
  model.dispose();
  return { losses, map: await panels[0].values() };
}

describe.skipIf(lackOfSwiftShader)("on webgpu", () => {
  beforeAll(() => useBackend("webgpu"));

  test.each(mixerNames)(
    "a model with %s trains and is mapped as on wasm, and the GPU's memory is free again",
    { timeout },
    async (mixer) => {
      await backend.use("wasm");
      const expected = await trained(mixer);
      await backend.use("webgpu");
      const before = { tensors: tf.memory().numTensors, bytes: handles() };
      const actual = await trained(mixer);
      expect(relativeError(actual.losses, expected.losses)).toBeLessThan(1e-4);
      expect(relativeError(actual.map, expected.map)).toBeLessThan(1e-3);
      expect({ tensors: tf.memory().numTensors, bytes: handles() }).toEqual(before);
    },
  );

  test("a checkpoint holds what the GPU has", { timeout }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "webgpu-"));
    const model = modelOf("mhsa");
    await saveCheckpoint(model, join(folder, "model.safetensors"));
    const file = await readCheckpoint(join(folder, "model.safetensors"));
    expect(file.names()).toEqual(expect.arrayContaining(model.entries().map(([path]) => path)));
    for (const name of file.names()) {
      const tensor = file.tensor(name);
      expect((await tensor.data()).every((value) => Number.isFinite(value))).toBe(true);
      tensor.dispose();
    }
    file.close();
    model.dispose();
    rmSync(folder, { recursive: true });
  });
});

describe("a model made on one backend", () => {
  const names = lackOfSwiftShader ? (["tensorflow", "wasm"] as const) : (["tensorflow", "webgpu", "wasm"] as const);
  const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const));

  test.each(pairs)("on %s computes the same on %s, and back again", { timeout }, async (from, to) => {
    await useBackend(from);
    const [model, batch] = [modelOf("summarymixing"), batchOf()];
    const logits = async () => {
      const output = tf.tidy(() => model.head(model.encode(batch)));
      const values = await output.data();
      output.dispose();
      return values;
    };
    const here = await logits();
    await useBackend(to);
    expect(relativeError(await logits(), here)).toBeLessThan(1e-5);
    await useBackend(from);
    expect(relativeError(await logits(), here)).toBeLessThan(1e-5);
    tf.dispose(batch.features);
    model.dispose();
  });
});
