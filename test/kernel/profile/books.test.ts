// The books balance: what was allocated is what was released and what is alive, whatever happens in between; and what is
// alive is what TensorFlow.js counts.

import { last, type MemoryProfile, memory } from "bestrq/profile";
import { backend, Random, span, tf } from "bestrq/tensor";
import { recover } from "bestrq/tensor/interrupts";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

/** Fails where allocations and releases do not pair, or do not add up to what is alive. */
function balance(profile: MemoryProfile<unknown>): void {
  const alive = new Map<number, number>();
  let live = 0;
  for (const { tensor = 0, deltaBytes, liveBytes } of profile.events) {
    expect(alive.has(tensor), `tensor ${tensor}`).toBe(deltaBytes < 0);
    if (deltaBytes < 0) {
      expect(deltaBytes).toBe(-(alive.get(tensor) as number));
      alive.delete(tensor);
    } else alive.set(tensor, deltaBytes);
    live += deltaBytes;
    expect(liveBytes).toBe(live);
  }
  const { allocated, released, alive: told } = profile.books;
  expect(told).toBe([...alive.values()].reduce((sum, bytes) => sum + bytes, 0));
  expect(allocated).toBe(released + told);
}

/** Bytes of the buffers behind some tensors, views counted once: `root` tells of which tensor each is a view. */
const distinct = (tensors: Iterable<tf.Tensor>, root: Map<tf.Tensor, number>) => {
  const bytes = new Map([...tensors].map((tensor) => [root.get(tensor), tensor.size * 4]));
  return [...bytes.values()].reduce((sum, one) => sum + one, 0);
};

/** Random ops that make, view, keep for back-propagation and free tensors. @returns what is alive in the end */
function randomWork(random: Random, steps: number) {
  const root = new Map<tf.Tensor, number>();
  const alive: tf.Tensor[] = [];
  const made = (tensor: tf.Tensor, of = tensor) => {
    root.set(tensor, of === tensor ? tensor.id : (root.get(of) as number));
    alive.push(tensor);
  };
  made(tf.ones([3, 5]));
  const any = () => alive[random.integer(alive.length)];
  const ops: (() => void)[] = [
    () => made(tf.fill([1 + random.integer(7), 1 + random.integer(11)], 2)),
    () => made(any().exp()),
    () => made(span("scaled", () => tf.tidy(() => any().mul(2).add(1).sigmoid()))),
    () => {
      const one = any();
      made(one.reshape([one.size]), one);
    },
    () => {
      const one = any();
      made(one.clone(), one);
    },
    () => made(tf.grad((x) => span("squared", () => x.square().mul(x).sum()))(any())),
    () => made(any().sum()),
    () => alive.length > 1 && alive.splice(random.integer(alive.length), 1)[0].dispose(),
    () => alive.length > 1 && alive.splice(random.integer(alive.length), 1)[0].dispose(),
  ];
  for (let step = 0; step < steps; step++) ops[random.integer(ops.length)]();
  return { alive, expected: distinct(alive, root) };
}

describe.each(everyBackend)("on %s", (name) => {
  beforeAll(() => useBackend(name));

  test.each([1, 2, 3])("the ledger balances over random ops, seed %d", async (seed) => {
    const before = tf.memory().numDataBuffers;
    const profile = await memory(() => randomWork(new Random(seed), 200));
    balance(profile);
    const { alive, expected } = profile.result;
    expect(profile.books.alive).toBe(expected);
    expect(profile.keptBytes).toBe(expected);
    tf.dispose(alive);
    expect(tf.memory().numDataBuffers).toBe(before);
  });

  test("the ledger balances over an exception, and last() has the account", async () => {
    const { numBytes } = tf.memory();
    const work = { alive: [] as tf.Tensor[] };
    const failing = memory(() => {
      work.alive.push(tf.ones([7, 11]), tf.ones([13]));
      tf.tidy(() => tf.grad((x) => span("failing", () => tf.matMul(x.square(), tf.ones([2, 2]))))(tf.ones([3, 3])));
    });
    await expect(failing).rejects.toThrow();
    const account = last() as MemoryProfile<undefined>;
    balance(account);
    // The two above, and what TensorFlow.js had kept for the back-propagation that never came.
    expect(account.books.alive).toBe(4 * (7 * 11 + 13 + 3 * 3));
    expect(account.books.alive).toBe(tf.memory().numBytes - numBytes);
    expect(account.kept().rows.map(({ shape, kind }) => [shape, kind])).toEqual([
      [[7, 11], "activations"],
      [[13], "activations"],
      [[3, 3], "activations"],
    ]);
    expect([...account.events].some(({ layer }) => layer === "failing")).toBe(true);
    tf.dispose(work.alive);
  });

  test("the ledger balances over what is cut off where it stands", async () => {
    recover(); // of what the test before has left behind
    const { numBytes } = tf.memory();
    const engine = tf.engine() as unknown as { startScope(): void; state: { gradientDepth: number } };
    let ended = () => {};
    const recording = memory(async () => {
      tf.keep(tf.ones([5]));
      engine.startScope(); // a tidy that never ends
      tf.ones([7, 11]).exp();
      await new Promise<void>((resolve) => (ended = resolve));
    });
    await new Promise((resolve) => setImmediate(resolve));
    recover();
    const account = last() as MemoryProfile<undefined>;
    balance(account);
    expect(account.books.alive).toBe(20);
    expect(account.books.alive).toBe(tf.memory().numBytes - numBytes);
    ended();
    await recording;
    expect(last()).toBe(account);
  });
});

test("without a recording nothing lies over the engine", async () => {
  await backend.use("auto");
  const methods = ["trackTensor", "removeDataId", "runKernelFunc", "addTapeNode", "tidy", "incRef", "clone"];
  await memory(() => tf.ones([2]).dispose());
  expect(methods.filter((name) => Object.hasOwn(tf.engine(), name))).toEqual([]);
});
