import { inspect } from "node:util";
import { tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { backends, everyBackend, useBackend } from "./backends";

describe.each(backends)("a tensor on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("is shown by its type, shape and first values, and leaves nothing behind", () => {
    const x = tf.range(1, 16).reshape([3, 5]);
    const before = tf.memory().numTensors;
    expect(inspect(x)).toBe("Tensor float32 [3, 5] 1, 2, 3, 4, 5, 6, 7, 8, ...");
    expect(inspect({ x })).toBe("{ x: Tensor float32 [3, 5] 1, 2, 3, 4, 5, 6, 7, 8, ... }");
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    expect(inspect(x)).toBe("Tensor float32 [3, 5] disposed");
  });

  test.each([
    [() => tf.tensor([2, 3]), "Tensor float32 [2] 2, 3"],
    [() => tf.scalar(3), "Tensor float32 [] 3"],
    [() => tf.tensor([], [0, 3]), "Tensor float32 [0, 3]"],
    [() => tf.tensor([5, 7], [2], "int32"), "Tensor int32 [2] 5, 7"],
    [() => tf.tensor(["a", "b"]), "Tensor string [2] a, b"],
    [() => tf.variable(tf.scalar(5)), "Tensor float32 [] 5"],
  ])("%s is shown as %j", (make, text) => {
    expect(inspect(make())).toBe(text);
  });
});

describe.each(everyBackend)("a tensor on %s", (name) => {
  beforeAll(() => useBackend(name));

  const shown = async (tensor: tf.Tensor) => {
    const display = (tensor as unknown as Record<symbol, () => Promise<Record<string, string>>>)[
      Symbol.for("Jupyter.display")
    ];
    return (await display!.call(tensor))["text/plain"];
  };

  test.each([
    [() => tf.scalar(3), "Tensor float32 []\n  3"],
    [() => tf.tensor([], [0, 3]), "Tensor float32 [0, 3]"],
    [() => tf.tensor([5, 7, -300], [3], "int32"), "Tensor int32 [3]\n-300 to 7\n     5     7  -300"],
    [() => tf.tensor(["a", "b"]), 'Tensor string [2]\n  "a"  "b"'],
    [() => tf.tensor([true, false]), "Tensor bool [2]\n  1  0"],
    [
      () => tf.tensor([1, Number.NaN, 1 / 3, Number.POSITIVE_INFINITY]),
      "Tensor float32 [4]\n0.3333 to 1, 2 not finite\n         1       NaN    0.3333  Infinity",
    ],
    [() => tf.tensor([Number.NaN, Number.NaN]), "Tensor float32 [2]\nno finite value\n  NaN  NaN"],
    [
      () => tf.range(0, 2 * 5 * 11).reshape([2, 5, 11]),
      `Tensor float32 [2, 5, 11]
0 to 109
   0   1   2   3   4   5   6   7  ...
  11  12  13  14  15  16  17  18  ...
  22  23  24  25  26  27  28  29  ...
  33  34  35  36  37  38  39  40  ...
  ...`,
    ],
    [() => tf.fill([2, 1, 9], 1).cast("bool"), "Tensor bool [2, 1, 9]\n  1  1  1  1  1  1  1  1  ...\n  ..."],
    [() => tf.zeros([5, 1]), "Tensor float32 [5, 1]\n0 to 0\n  0\n  0\n  0\n  0\n  ..."],
  ])("%s is the result of a cell as type, shape, range and a corner", async (make, text) => {
    const tensor = make();
    const before = tf.memory().numTensors;
    expect(await shown(tensor)).toBe(text);
    expect(tf.memory().numTensors).toBe(before);
    tensor.dispose();
    expect(await shown(tensor)).toMatch(/^Tensor .* disposed$/);
  });

  test("is shown by reading few values, however large it is", async () => {
    const large = tf.ones([1021, 2053, 2]);
    const back = tf.backend();
    const spy = vi.spyOn(back, "read"); // not readSync, by which ops look at the positions to gather
    expect(await shown(large)).toContain("1 to 1 in 65,536 of the values");
    const read = await Promise.all(spy.mock.results.map(({ value }) => value));
    const values = read.reduce((sum, { length }) => sum + length, 0);
    spy.mockRestore();
    large.dispose();
    expect(read.length).toBeGreaterThan(0);
    expect(values).toBeLessThanOrEqual(3 + 4 * 8);
  });
});
