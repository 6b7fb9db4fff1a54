import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BestRq, loadCheckpoint, type MixerName, mixerNames, readCheckpoint, saveCheckpoint } from "bestrq/bestrq";
import { backend, tf, writeSafetensors } from "bestrq/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "checkpoints-"));
const path = join(folder, "model.safetensors");

beforeAll(() => backend.use("wasm"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A model whose sizes tell each other apart, random in all of its numbers. */
function modelOf(mixer: MixerName, seed = 1): BestRq {
  const heads = mixer === "mamba" ? 1 : 2;
  const sizes = { width: 14, heads, layers: 2, feedForward: 22, kernel: 5, channels: [6, 4], codes: 11, codeWidth: 3 };
  const model = new BestRq({
    ...{ mixer, size: "tiny", seed, ...sizes },
    summaryMixing: { localHidden: 18, local: 10, summaryHidden: 26 },
  });
  for (const [, variable] of model.entries()) {
    tf.tidy(() => variable.assign(variable.add(tf.randomNormal(variable.shape, 0, 1, "float32", seed))));
  }
  return model;
}

const bitsOf = (tensor: tf.Tensor): Uint32Array => new Uint32Array((tensor.dataSync() as Float32Array).slice().buffer);

function expectSame(one: BestRq, other: BestRq): void {
  const theirs = new Map(other.entries());
  for (const [name, variable] of one.entries()) {
    expect(bitsOf(variable), name).toEqual(bitsOf(theirs.get(name) as tf.Tensor));
  }
  expect(bitsOf(one.quantizer.projection)).toEqual(bitsOf(other.quantizer.projection));
  expect(bitsOf(one.quantizer.codebook)).toEqual(bitsOf(other.quantizer.codebook));
}

/** A file with tensors left out, added or changed. */
async function rewritten(change: (tensors: Record<string, tf.Tensor>) => void): Promise<void> {
  const file = await readCheckpoint(path);
  const tensors = Object.fromEntries(file.names().map((name) => [name, file.tensor(name)]));
  const read = Object.values(tensors);
  change(tensors);
  await writeSafetensors(path, tensors);
  tf.dispose([...read, ...Object.values(tensors)]);
  file.close();
}

describe("saveCheckpoint() and loadCheckpoint()", () => {
  for (const keys of ["bestrq", "speechbrain"] as const) {
    test.each(mixerNames)(`give back a model with %s bit by bit by way of the keys of ${keys}`, async (mixer) => {
      const [model, other] = [modelOf(mixer), modelOf(mixer, 2)];
      const before = tf.memory().numTensors;
      await saveCheckpoint(model, path, { keys });
      const report = await loadCheckpoint(other, path);
      expect(tf.memory().numTensors).toBe(before);
      expect(report).toEqual({ loaded: expect.anything(), missing: [], unexpected: [], wrong: [] });
      expectSame(model, other);
      const file = await readCheckpoint(path);
      expect(file.metadata).toMatchObject({ format: "bestrq", keys, seed: "1" });
      expect(new BestRq(JSON.parse(file.metadata.configuration)).config).toEqual(model.config);
      expect(report.loaded).toEqual(file.names());
      file.close();
      model.dispose();
      other.dispose();
    });
  }

  test("say all that is missing, unexpected or of the wrong shape at once, and change nothing", async () => {
    const [model, other, untouched] = [modelOf("mhsa"), modelOf("mhsa", 2), modelOf("mhsa", 2)];
    await saveCheckpoint(model, path, { keys: "speechbrain" });
    await rewritten((tensors) => {
      delete tensors["2.P"];
      delete tensors["0.convblock_0.convs.norm_0.norm.bias"];
      tensors["1.more"] = tf.scalar(1);
      tensors["1.transformer.positional_encoding.pe"] = tf.zeros([1, 7, 14]); // theirs, which we compute
      tensors["3.w.bias"] = tf.zeros([12]);
      tensors["2.CB"] = tf.zeros([11, 3], "int32");
      tensors["1.transformer.encoder.layers.1.mha_layer.in_proj_weight"] = tf.zeros([14, 42]);
    });
    const message = await loadCheckpoint(other, path).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message.replace(path, "PATH").split("\n")).toEqual([
      expect.stringMatching(/^Cannot load PATH into BEST-RQ with mhsa: .* its tensors must be the model's, got$/),
      "2 missing: 0.convblock_0.convs.norm_0.norm.bias, 2.P",
      "1 unexpected: 1.more",
      "3 of the wrong shape or type: " +
        "1.transformer.encoder.layers.1.mha_layer.in_proj_weight must be floats [42, 14], got F32 [14, 42], " +
        "3.w.bias must be floats [11], got F32 [12], 2.CB must be floats [11, 3], got I32 [11, 3]",
      "Nothing was changed; { strict: false } takes what fits",
    ]);
    expectSame(other, untouched);

    const before = tf.memory().numTensors;
    const report = await loadCheckpoint(other, path, { strict: false });
    expect(tf.memory().numTensors).toBe(before);
    expect(report.missing).toEqual(["0.convblock_0.convs.norm_0.norm.bias", "2.P"]);
    expect(report.unexpected).toEqual(["1.more"]);
    expect(report.wrong.map(({ name }) => name)).toContain("2.CB");
    const weight = (of: BestRq, name: string) => bitsOf(new Map(of.entries()).get(name) as tf.Tensor);
    expect(weight(other, "head.weight")).toEqual(weight(model, "head.weight"));
    expect(weight(other, "head.bias")).toEqual(weight(untouched, "head.bias"));
    expect(weight(other, "encoder.layers.1.mixer.key.weight")).toEqual(
      weight(untouched, "encoder.layers.1.mixer.key.weight"),
    );
    for (const one of [model, other, untouched]) one.dispose();
  });

  test("leave the file that was there when they cannot write", async () => {
    const model = modelOf("fastformer");
    writeFileSync(path, "old");
    const variable = model.entries()[3][1];
    variable.dispose();
    await expect(saveCheckpoint(model, path)).rejects.toThrow();
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });
});
