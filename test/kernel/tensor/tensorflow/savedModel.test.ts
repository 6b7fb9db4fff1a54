import { fileURLToPath } from "node:url";
import { loadSavedModel, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { handles, useBackend } from "../backends";

// Made by savedModel/make.py: product = x · [[1, 2, 3], [4, 5, 6]], squares = lengths², text = greeting + ", world".
const directory = fileURLToPath(new URL("savedModel/model", import.meta.url));
const savedModels = () => (tf.backend() as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels();

const given = (lengths: number[]) => ({
  x: tf.tensor2d([
    [1, 0],
    [0.5, 2],
  ]),
  lengths: tf.tensor1d(lengths, "int32"),
  greeting: tf.scalar("hej"),
});

describe("loadSavedModel()", () => {
  beforeAll(() => useBackend("tensorflow"));

  test("tells the inputs and outputs, runs the model, and leaves nothing", async () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    const model = await loadSavedModel(directory);
    expect(model.inputs).toEqual({
      x: { dtype: "float32", shape: [-1, 2] },
      lengths: { dtype: "int32", shape: [-1] },
      greeting: { dtype: "string", shape: [] },
    });
    expect(model.outputs.product).toEqual({ dtype: "float32", shape: [-1, 3] });
    tf.tidy(() => {
      const { product, squares, text } = model.run(given([3, -7, 40_000]));
      expect(product.arraySync()).toEqual([
        [1, 2, 3],
        [8.5, 11, 13.5],
      ]);
      expect([squares.dtype, squares.arraySync()]).toEqual(["int32", [9, 49, 1_600_000_000]]);
      expect(text.arraySync()).toBe("hej, world");
    });
    expect(savedModels()).toBe(1);
    model.dispose();
    expect(savedModels()).toBe(0);
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
    expect(() => tf.tidy(() => model.run(given([1])))).toThrow(/it was disposed/);
  });

  test("a run that fails says why and leaves nothing", async () => {
    const model = await loadSavedModel(directory);
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    const run = (inputs: tf.NamedTensorMap) => () => tf.tidy(() => model.run(inputs));
    tf.tidy(() => {
      const { x, lengths, greeting } = given([1]);
      expect(run({ x, lengths })).toThrow(/^Cannot run .*model: its inputs are greeting, lengths, x, got lengths, x$/);
      expect(run({ x: tf.ones([2, 5]), lengths, greeting })).toThrow(/^Cannot run a SavedModel: .*\[2,5\]/);
      expect(run({ x, lengths: tf.tensor1d([50_000], "int32"), greeting })).toThrow(
        /^Cannot read a tensor of int64: .* 32 bits, got 2500000000$/,
      );
    });
    model.dispose();
    expect(tf.memory().numTensors).toBe(before.tensors);
    expect(handles()).toBe(before.handles);
  });

  test("refuses what is not there, and other backends", async () => {
    await expect(loadSavedModel("/nowhere")).rejects.toThrow(/^Cannot load the SavedModel \/nowhere: .*saved_model.pb/);
    await expect(loadSavedModel(directory, { signature: "train" })).rejects.toThrow(
      /must have the tags \[serve\] with the signature train, got \[serve\] with serving_default$/,
    );
    await useBackend("wasm");
    await expect(loadSavedModel(directory)).rejects.toThrow(/the backend must be tensorflow, got wasm/);
    await useBackend("tensorflow");
  });
});
