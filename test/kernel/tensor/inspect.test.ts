import { inspect } from "node:util";
import { backend, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";

describe.each(["tensorflow", "wasm"] as const)("a tensor on %s", (name) => {
  beforeAll(() => backend.use(name));

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
