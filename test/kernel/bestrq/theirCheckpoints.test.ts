// Checkpoints that PyTorch and SpeechBrain wrote, and files of ours that they read: see checkpoints/README.md.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GlobalNormalisation } from "bestrq/audio";
import { type BestRq, loadCheckpoint, loadNormalisation, readCheckpoint, saveCheckpoint } from "bestrq/bestrq";
import { backend, Random, readSafetensors, tf, writeSafetensors } from "bestrq/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectClose } from "../reference";
import { everyBackend, useBackend } from "../tensor/backends";
import { logitsOf, modelLikeTheirs, theirMixers } from "./checkpoints/sizes";

const here = fileURLToPath(new URL("checkpoints/", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "their-checkpoints-"));
/** Where files of ours go: the folder of the kept ones, to renew those. */
const out = process.env.BESTRQ_RENEW ? here : temporary;

afterAll(() => rmSync(temporary, { recursive: true }));

/** The tensors of a file, freed at the end of the test. */
function tensorsOf(path: string): Record<string, tf.Tensor> {
  const file = readSafetensors(path);
  const tensors = Object.fromEntries(file.names().map((name) => [name, file.tensor(name)]));
  file.close();
  return tensors;
}

async function expectTheirNumbers(model: BestRq, kept: Record<string, tf.Tensor>): Promise<void> {
  const lengths = [...(await kept.lengths.data())];
  const logits = logitsOf(model, kept.features as tf.Tensor3D, lengths);
  for (const [row, length] of lengths.entries()) {
    const valid = (x: tf.Tensor) => x.slice([row, 0, 0], [1, model.encoderFrames(length), -1]);
    await expectClose(valid(logits), valid(kept.logits), 1e-5, `logits of utterance ${row}`);
  }
  if (kept.targets) {
    const codes = model.quantizer.targets(kept.features as tf.Tensor3D);
    expect([...(await codes.data())]).toEqual([...(await kept.targets.data())]);
  }
}

describe.each(everyBackend)("on %s", (name) => {
  beforeAll(() => useBackend(name));
  afterAll(() => backend.use("wasm")); // for what follows: files do not depend on what computes

  test.each(theirMixers)(
    "loadCheckpoint() takes a model.ckpt of SpeechBrain with %s: the same logits",
    async (mixer) => {
      const model = modelLikeTheirs(mixer);
      const report = await loadCheckpoint(model, `${here}${mixer}.ckpt`);
      expect([report.missing, report.unexpected, report.wrong]).toEqual([[], [], []]);
      await expectTheirNumbers(model, tensorsOf(`${here}${mixer}.logits.safetensors`));
      model.dispose();
    },
  );
});

test("loadCheckpoint() takes the folder in which newer recipes save quantizer and head beside the model", async () => {
  const model = modelLikeTheirs("mhsa");
  await loadCheckpoint(model, `${here}CKPT+newer`);
  await expectTheirNumbers(model, tensorsOf(`${here}mhsa.logits.safetensors`));
  model.dispose();
});

test("loadCheckpoint() says where quantizer and head of a newer recipe may lie, and takes the encoder if asked to", async () => {
  const model = modelLikeTheirs("mhsa");
  const alone = `${here}CKPT+newer/model.ckpt`;
  await expect(loadCheckpoint(model, alone)).rejects.toThrow(
    /\n4 missing: (3\.w\.weight|2\.P)[^\n]*\nNothing was changed.* quantizer\.ckpt and linear\.ckpt beside it/,
  );
  const report = await loadCheckpoint(model, alone, { strict: false });
  expect([...report.missing].sort()).toEqual(["2.CB", "2.P", "3.w.bias", "3.w.weight"]);
  model.dispose();
});

test("loadCheckpoint() changes nothing where the last of the values is damaged", async () => {
  const whole = modelLikeTheirs("mhsa");
  await loadCheckpoint(whole, `${here}mhsa.ckpt`);
  const bias = new Uint8Array((whole.parameters.head.bias.dataSync() as Float32Array).slice().buffer);
  const bytes = readFileSync(`${here}mhsa.ckpt`);
  bytes[bytes.lastIndexOf(bias) + 5] ^= 1;
  const damaged = join(temporary, "damaged.ckpt");
  writeFileSync(damaged, bytes);
  const [model, untouched] = [modelLikeTheirs("mhsa"), modelLikeTheirs("mhsa")];
  for (const strict of [true, false]) {
    await expect(loadCheckpoint(model, damaged, { strict })).rejects.toThrow(
      /^Cannot read the tensor "3\.w\.bias" of .*the file is damaged/,
    );
    model.entries().forEach(([path, variable], index) => {
      expect(variable.dataSync(), path).toEqual(untouched.entries()[index][1].dataSync());
    });
  }
  for (const one of [whole, model, untouched]) one.dispose();
});

test.each(theirMixers)("saveCheckpoint() writes what SpeechBrain was seen to read, with %s", async (mixer) => {
  const model = modelLikeTheirs(mixer, 3);
  const random = new Random(3);
  for (const [, variable] of model.entries()) {
    tf.tidy(() => variable.assign(variable.add(random.normal(variable.shape, 0, 0.2))));
  }
  const name = `ours-${mixer}`;
  await saveCheckpoint(model, join(out, `${name}.safetensors`), { keys: "speechbrain" });
  const features = random.normal([2, 43, 80], 0, 1) as tf.Tensor3D;
  const logits = logitsOf(model, features, [43, 28]);
  const lengths = tf.tensor1d([43, 28], "int32");
  await writeSafetensors(join(out, `${name}.logits.safetensors`), { features, lengths, logits });

  const [kept, now] = [`${here}${name}`, join(out, name)].map((path) => tensorsOf(`${path}.safetensors`));
  expect(Object.keys(now)).toEqual(Object.keys(kept));
  for (const [key, tensor] of Object.entries(kept)) {
    expect(now[key].shape, key).toEqual(tensor.shape);
    await expectClose(now[key], tensor, 1e-6, key); // a logarithm may differ in its last bit from one machine to the next
  }
  await expectTheirNumbers(model, tensorsOf(`${here}${name}.logits.safetensors`));
  model.dispose();
});

test.each(["normalize.ckpt", "normalizer.ckpt", "normalize.safetensors"])(
  "loadNormalisation() reads %s",
  async (name) => {
    const before = tf.memory().numTensors;
    const { count, mean, std } = await loadNormalisation(`${here}${name}`);
    const normalisation = new GlobalNormalisation();
    normalisation.state = { count, mean, std };
    const kept = tensorsOf(`${here}normalize.safetensors`);
    expect(count).toBe((await kept.count.data())[0]);
    await expectClose(normalisation.state.mean, kept.glob_mean, 0, "mean");
    await expectClose(normalisation.state.std, kept.glob_std, 0, "std");
    tf.dispose(kept);
    normalisation.dispose();
    tf.dispose([mean, std]);
    expect(tf.memory().numTensors).toBe(before);
  },
);

test("loadNormalisation() says what it lacks", async () => {
  await expect(loadNormalisation(`${here}mhsa.ckpt`)).rejects.toThrow(
    /^Cannot read .*mhsa\.ckpt as a normalisation: it must hold a count from 1 on, .* got count undefined, \[\] and \[\]/,
  );
});

test("readCheckpoint() tells the formats apart by what they hold", async () => {
  for (const name of ["mhsa.ckpt", "ours-mhsa.safetensors"]) {
    const nameless = join(temporary, "0a1b2c");
    copyFileSync(`${here}${name}`, nameless);
    const file = await readCheckpoint(nameless);
    expect(file.shape("1.transformer.encoder.norm.norm.weight")).toEqual([16]);
    expect(file.dtype("2.P")).toBe("F32");
    file.close();
  }
  await expect(readCheckpoint(join(temporary, "none"))).rejects.toThrow("ENOENT");
});
