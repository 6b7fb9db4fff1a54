import { tf } from "bestrq/tensor";
import { plainMessage } from "bestrq/tensor/tensorflow/messages";
import { beforeAll, describe, expect, test } from "vitest";
import { handles, useBackend } from "../backends";

type Attribute = { name: string; type: number; value: unknown };
const T: Attribute = { name: "T", type: 4, value: 1 };

function run(name: string, attributes: Attribute[], ...inputs: tf.Tensor[]): tf.Tensor {
  const backend = tf.backend() as unknown as { executeSingleOutput(...args: unknown[]): tf.Tensor };
  return backend.executeSingleOutput(name, attributes, inputs);
}

describe("an op that TensorFlow refuses", () => {
  beforeAll(() => useBackend("tensorflow"));

  const failures: [string, (x: tf.Tensor) => unknown, RegExp][] = [
    [
      "by its shapes",
      (x) => run("MatMul", [T], x, tf.ones([5, 7])),
      /^Cannot run MatMul on float32 \[2,3\], float32 \[5,7\]: Matrix size-incompatible/,
    ],
    [
      "by its type",
      (x) => tf.acos(tf.cast(x, "int32")),
      /^Cannot run Acos on int32 \[2,3\]: it takes float32, complex64 alone, got int32; cast its inputs first$/,
    ],
    [
      "by its type, where there is no kernel",
      (x) => tf.reciprocal(tf.cast(x, "int32")),
      /^Cannot run Reciprocal on int32 \[2,3\]: it takes (complex64|float32), (complex64|float32) alone; cast its/,
    ],
    [
      "by a value that is not allowed",
      (x) => run("BatchToSpace", [T, { name: "block_size", type: 1, value: 1 }], x, x),
      /^Cannot run BatchToSpace on float32 \[2,3\], float32 \[2,3\]: /,
    ],
    ["by a missing attribute", (x) => run("Cast", [], x), /^Cannot run Cast on float32 \[2,3\]: .*DstT/],
    [
      "by an attribute of another type",
      (x) => run("Sqrt", [{ name: "T", type: 4, value: "float" }], x),
      /^Cannot set the attribute T of an op to float: /,
    ],
    ["by its name", (x) => run("NoSuchOp", [], x), /^Cannot run NoSuchOp on float32 \[2,3\]: .*NoSuchOp/],
    [
      "by its values",
      (x) => tf.gather(x, tf.tensor1d([5], "int32")),
      /^GatherV2: the index value 5 is not in \[0, 1\]$/,
    ],
  ];

  test.each(failures)("%s says so with the op and the shapes", (_, fail, message) => {
    expect(() => tf.tidy(() => void fail(tf.ones([2, 3])))).toThrow(message);
  });

  test("leaves no tensor and no handle, 1,000 times over", () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    for (let i = 0; i < 1000; i++) {
      const [, fail] = failures[i % failures.length];
      expect(() => tf.tidy(() => void fail(tf.ones([2, 3])))).toThrow();
    }
    expect({ tensors: tf.memory().numTensors, handles: handles() }).toEqual(before);
  });

  test("says how much memory was wanted and how much is free, and the next op runs", () => {
    expect(() => tf.tidy(() => tf.tile(tf.ones([1000, 1000]), [3000, 3000]))).toThrow(
      /^Cannot run Tile on float32 \[1000,1000\], int32 \[2\]: out of memory: a tensor of shape \[3000000,3000000\] takes 34332276 MiB on the CPU, \d+ MiB are free; take shorter/,
    );
    expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3);
  });
});

test("plainMessage() of a GPU without memory names the GPU", () => {
  const message =
    "{{function_node __wrapped__Fill_device_/job:localhost/replica:0/task:0/device:GPU:0}} OOM when allocating tensor " +
    "with shape[1024,1024] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc [Op:Fill]";
  expect(plainMessage(message)).toMatch(/^out of memory: a tensor of shape \[1024,1024\] takes 4 MiB on the GPU/);
});
