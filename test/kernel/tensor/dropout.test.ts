// Dropout: the same bits everywhere, the same entries on the way back, and the statistics that a fair coin would have.
import { dropout, jit, Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, handles, useBackend } from "./backends";

/** The finaliser of MurmurHash3, one word at a time. */
function mixed(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Whether the entry at place i is kept. */
const isKept = (i: number, rate: number, key: ArrayLike<number>) =>
  mixed(mixed(i ^ key[0]) ^ key[1]) + 2 ** 31 >= Math.round(rate * 2 ** 32);

/** What the op should do, number by number. */
const slowDropout = (x: ArrayLike<number>, rate: number, key: ArrayLike<number>): Float32Array =>
  Float32Array.from(x, (value, i) => (isKept(i, rate, key) ? Math.fround(value * Math.fround(1 / (1 - rate))) : 0));

/** How many numbers differ, zeros of either sign being equal. */
const differing = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Array.from(a).filter((value, i) => value !== b[i]).length : Number.NaN;

/** The key that a Random of this seed gives next, by the state that both have. */
async function keyOf(random: Random): Promise<Int32Array> {
  const copy = new Random(0);
  copy.state = random.state;
  const key = copy.key();
  const words = (await key.data()) as Int32Array;
  key.dispose();
  return words;
}

const rate = 0.3;

describe.each([...everyBackend, "cpu"] as const)("dropout on %s", (name) => {
  beforeAll(() => useBackend(name));

  test.each([[[7]], [[2, 3, 5]], [[1031, 131]]])("drops what the slow loop drops: shape %j", async (shape) => {
    const random = new Random(3);
    for (let call = 0; call < 3; call++) {
      const key = await keyOf(random);
      const x = new Random(11).normal(shape);
      const y = dropout(x, rate, random);
      expect(y.shape).toEqual(shape);
      expect(differing(await y.data(), slowDropout(await x.data(), rate, key))).toBe(0);
      tf.dispose([x, y]);
    }
  });

  test("drops the same entries of the gradient", async () => {
    const [random, x] = [new Random(5), new Random(11).normal([13, 17])];
    const key = await keyOf(random);
    const weights = new Random(7).normal([13, 17]);
    const gradient = tf.tidy(() => tf.grad((x) => dropout(x, rate, random).mul(weights).sum())(x));
    expect(differing(await gradient.data(), slowDropout(await weights.data(), rate, key))).toBe(0);
    tf.dispose([x, weights, gradient]);
  });

  test("leaves nothing behind, gradients included", () => {
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    const x = tf.ones([13, 17]);
    tf.dispose(tf.grad((x) => dropout(x, rate, new Random(1)))(x));
    x.dispose();
    expect(tf.memory().numTensors).toBe(before.tensors);
    if (name !== "webgpu") expect(handles()).toBe(before.handles);
  });
});

describe("dropout in jit", () => {
  beforeAll(() => useBackend("tensorflow"));

  test.each([
    ["compiled by XLA", {}],
    ["not compiled by XLA", { xla: false }],
  ])("drops what it drops alone, with another key at each call, forward and back: %s", (_, options) => {
    const f = (x: tf.Tensor, w: tf.Tensor, random: Random) => {
      const inner = dropout(x.mul(w).add(1), rate, random);
      return dropout(inner.matMul(w as tf.Tensor2D), rate, random).add(dropout(w, rate, random));
    };
    const compiled = jit(f, options);
    const [x, w] = [new Random(11).normal([13, 13]), new Random(12).normal([13, 13])];
    const before = { tensors: tf.memory().numTensors, handles: handles() };
    const [eager, replayed] = [new Random(9), new Random(9)];
    const zeros = new Set<string>();
    for (let call = 0; call < 3; call++) {
      const [expected, actual] = [() => f(x, w, eager), () => compiled(x, w, replayed)].map((run) =>
        tf.tidy(() => {
          const { value, grads } = tf.valueAndGrads((..._: tf.Tensor[]) => run().sum())([x, w]);
          return [value, ...grads].map((tensor) => tensor.dataSync());
        }),
      );
      for (const [i, values] of expected.entries())
        for (const [at, value] of values.entries()) expect(actual[i][at]).toBeCloseTo(value, 3);
      zeros.add(Array.from(actual[1], Number).join());
      expect(replayed.state).toEqual(eager.state);
    }
    expect(zeros.size).toBe(3);
    compiled.dispose();
    expect(tf.memory().numTensors).toBe(before.tensors);
    tf.dispose([x, w]);
  });

  test("keeps no mask for the backward pass: only the key", () => {
    const drop = jit((x: tf.Tensor, random: Random) => dropout(x, rate, random));
    const x = tf.ones([64, 64]);
    const random = new Random(2);
    let kept = 0;
    tf.tidy(() => {
      tf.grad((x) => {
        const before = tf.memory().numBytes;
        const y = drop(x, random);
        kept = tf.memory().numBytes - before - 4 * y.size;
        return y;
      })(x);
    });
    expect(kept).toBeLessThan(64);
    drop.dispose();
    x.dispose();
  });
});

describe("what dropout draws", () => {
  beforeAll(() => useBackend("cpu"));

  const count = 2 ** 16;
  const bits = async (random: Random, p: number): Promise<boolean[]> => {
    const key = await keyOf(random);
    return Array.from({ length: count }, (_, i) => isKept(i, p, key));
  };
  /** In standard deviations of what as many fair coins of probability p would give. */
  const deviation = (hits: number, trials: number, p: number) => (hits - trials * p) / Math.sqrt(trials * p * (1 - p));
  const agreements = (a: boolean[], b: (i: number) => boolean) => a.filter((kept, i) => kept === b(i)).length;

  test.each([0.05, 0.1, 0.5, 0.9])("is dropped at rate %d, whatever the seed", async (p) => {
    let squares = 0;
    for (let seed = 0; seed < 20; seed++) {
      const kept = (await bits(new Random(seed), p)).filter(Boolean).length;
      const z = deviation(kept, count, 1 - p);
      expect(Math.abs(z), `seed ${seed}`).toBeLessThan(4.5);
      squares += z * z;
    }
    expect(squares / 20).toBeLessThan(2.2); // of chi squared with 20 degrees of freedom, one in 800 is larger
  });

  test("is independent of what is dropped nearby, in the next row, in the next layer and in the next step", async () => {
    const step = (n: number) => new Random(1).fork(`step ${n}`);
    const both = 0.1 ** 2 + 0.9 ** 2; // two of a rate of 0.1 agree
    const [first, next] = [step(1), step(2)];
    const drawn = await bits(first, 0.1);
    first.key().dispose();
    const nextLayer = await bits(first, 0.1);
    const nextStep = await bits(next, 0.1);
    for (const distance of [1, 2, 3, 4, 8, 16, 576, 2048]) {
      const z = deviation(
        agreements(drawn, (i) => drawn[(i + distance) % count]),
        count,
        both,
      );
      expect(Math.abs(z), `at a distance of ${distance}`).toBeLessThan(4.5);
    }
    for (const other of [nextLayer, nextStep]) {
      for (const distance of [0, 1, 576]) {
        const z = deviation(
          agreements(drawn, (i) => other[(i + distance) % count]),
          count,
          both,
        );
        expect(Math.abs(z)).toBeLessThan(4.5);
      }
    }
  });

  test("changes in half of its bits with each bit of place and key", () => {
    const random = new Random(17);
    const word = () => random.integer(2 ** 32) | 0;
    for (let bit = 0; bit < 96; bit++) {
      const flips = new Array<number>(32).fill(0);
      for (let trial = 0; trial < 4096; trial++) {
        const input = [word(), word(), word()];
        const other = input.map((each, i) => (i === bit >> 5 ? each ^ (1 << (bit & 31)) : each));
        const [a, b] = [input, other].map(([i, key0, key1]) => mixed(mixed(i ^ key0) ^ key1));
        for (let out = 0; out < 32; out++) flips[out] += ((a ^ b) >>> out) & 1;
      }
      // The second key reaches the hash through one round alone, whose bias is known to be below one percent.
      const most = bit < 64 ? 5 : 7;
      for (const [out, hits] of flips.entries()) {
        expect(Math.abs(deviation(hits, 4096, 0.5)), `bit ${out} by bit ${bit}`).toBeLessThan(most);
      }
    }
  });

  test("is refused at rates that are none, and of tensors that are not float32", () => {
    tf.tidy(() => {
      expect(() => dropout(tf.ones([2]), 1, new Random(1))).toThrow(
        new RangeError("Cannot drop: the rate must be from 0 to below 1, got 1"),
      );
      expect(() => dropout(tf.ones([2], "int32"), 0.1, new Random(1))).toThrow(
        new TypeError("Cannot drop: x must be a float32 tensor, got int32"),
      );
    });
  });
});
