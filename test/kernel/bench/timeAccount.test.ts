import { accountTime, betweenOps } from "bestrq/bench/timeAccount";
import { Workload } from "bestrq/bench/work";
import { backend, jit, span, tf } from "bestrq/tensor";
import { beforeEach, expect, test } from "vitest";

beforeEach(() => backend.use("wasm"));

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

test("accountTime: books each op on the layer that ran it, and the whole time on something", async () => {
  const began = performance.now();
  const bookings = await accountTime(async () => {
    tf.tidy(() => span("outer", () => span("inner", () => tf.matMul(tf.ones([7, 11]), tf.ones([11, 5]))).add(1)));
  });
  const elapsed = (performance.now() - began) / 1000;
  const calls = (layer: string, op: string) => bookings.find((one) => one.layer === layer && one.op === op)?.calls;
  expect(calls("outer.inner", "BatchMatMul")).toBe(1);
  expect(calls("outer", "Add")).toBe(1);
  expect(calls("outer", betweenOps)).toBe(0);
  expect(sum(bookings.map(({ seconds }) => seconds))).toBeLessThanOrEqual(elapsed);
  expect(bookings.every(({ seconds }) => seconds >= 0)).toBe(true);
});

test("accountTime: the gradient of an op is its layer's, backwards", async () => {
  const x = tf.variable(tf.ones([7, 11]));
  const bookings = await accountTime(async () => {
    const loss = () => span("layer", () => tf.matMul(x, tf.ones([11, 5]))).sum() as tf.Scalar;
    tf.dispose(tf.variableGrads(loss, [x]).grads);
  });
  const backward = bookings.filter(({ phase, op }) => phase === "backward" && op === "BatchMatMul");
  expect(backward).toMatchObject([{ layer: "layer" }]);
});

test("accountTime: what jit compiled runs compiled, and is booked by its name", async () => {
  await backend.use("tensorflow");
  const f = jit((x: tf.Tensor) => tf.relu(x.matMul(x)).mul(0.5));
  const x = tf.ones([7, 7]);
  f(x).dispose();
  const bookings = await accountTime(async () => {
    for (let i = 0; i < 3; i++) span("layer", () => f(x)).dispose();
  });
  f.dispose();
  x.dispose();
  const ops = bookings.filter(({ op }) => op !== betweenOps);
  expect(ops).toMatchObject([{ layer: "layer", op: expect.stringMatching(/^jit_\d+$/), calls: 3 }]);
});

test("accountTime: leaves the engine as it was, after an exception too", async () => {
  const own = () => Object.getOwnPropertyNames(tf.engine()).sort();
  const before = own();
  await expect(accountTime(async () => void tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])))).rejects.toThrow(
    "inner shapes",
  );
  expect(own()).toEqual(before);
});

test.each(["forward", "train"] as const)("Workload: a %s pass leaves nothing behind", async (work) => {
  const before = tf.memory().numTensors;
  const workload = new Workload({ work, mixer: "summarymixing", size: "tiny", seconds: 0.5, batch: 2 });
  await workload.pass();
  const after = tf.memory().numTensors;
  await workload.pass();
  expect(tf.memory().numTensors).toBe(after);
  expect(workload.flops).toBe(2 * workload.model.flops(50) * (work === "train" ? 3 : 1));
  workload.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
