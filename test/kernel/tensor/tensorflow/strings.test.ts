import { tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../backends";

describe("strings on tensorflow", () => {
  beforeAll(() => useBackend("tensorflow"));

  test("of any length go in, through ops, and come out", () => {
    tf.tidy(() => {
      const texts = ["", "a", "22 bytes fit in place.", "from 23 they have memory", "é".repeat(1009), "\0null\0"];
      const x = tf.tensor2d(texts, [2, 3]);
      expect(tf.stack([x, x]).arraySync()).toEqual(Array(2).fill([texts.slice(0, 3), texts.slice(3)]));
      expect(tf.equal(x, x.clone()).dataSync()).toEqual(Uint8Array.from([1, 1, 1, 1, 1, 1]));
      expect(tf.concat([tf.tensor1d([], "string"), x.reshape([6])]).arraySync()).toEqual(texts);
    });
  });

  test("do not change when tensors that share them are disposed", () => {
    const x = tf.tensor1d(["a string with memory of its own", "another string with memory of its own"]);
    const [first, second] = [tf.reshape(x, [2, 1]), tf.concat([x])];
    const expected = x.arraySync();
    x.dispose();
    expect(first.flatten().arraySync()).toEqual(expected);
    first.dispose();
    expect(second.arraySync()).toEqual(expected);
    second.dispose();
  });

  test("are freed with their tensors", () => {
    const write = () => tf.tidy(() => void tf.reshape(tf.tensor1d(texts), [-1, 1]).concat(tf.tensor2d([""], [1, 1])));
    const texts = Array.from({ length: 1000 }, (_, i) => String(i).padEnd(10_000, "x")); // 10 MB
    write();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 50; i++) write();
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6); // 1 GB went through two tensors each
  });
});
