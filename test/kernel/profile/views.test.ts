// What is read from the one table of events: kinds, the peak, the largest, what is left, and the difference between runs.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Table, tableFromIPC, tableToIPC } from "apache-arrow";
import { BestRq } from "bestrq/bestrq";
import { type Displayable, displaySymbol } from "bestrq/figures";
import { compare, load, type MemoryProfile, memory } from "bestrq/profile";
import { backend, jit, Random, span, tf } from "bestrq/tensor";
import { AdamW, forwardBackward } from "bestrq/train";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => backend.use("auto"));

const text = (shown: Displayable) => (shown[displaySymbol]() as Record<string, string>)["text/plain"];
const bytesBy = (profile: MemoryProfile<unknown>, by: "kind" | "op" | "layer") =>
  Object.fromEntries(profile.alive(by).rows.map(({ name, bytes }) => [name, bytes]));

test("memory() tells kinds: what is kept for back-propagation, gradients, the optimizer's moments, and the rest", async () => {
  const weight = tf.tidy(() => tf.variable(tf.ones([7, 5])));
  const moment = tf.tidy(() => tf.variable(tf.zeros([7, 5]), false));
  const profile = await memory(
    () => {
      const x = tf.ones([3, 7]);
      const gradient = tf.tidy(
        () =>
          tf.grads((w: tf.Tensor) => span("layer", () => tf.tidy(() => tf.matMul(x, w).neg().square().sum())))([
            weight,
          ])[0],
      );
      span("optimizer", () =>
        tf.tidy(() => {
          moment.assign(moment.mul(0.9).add(gradient));
          weight.assign(weight.sub(moment.mul(0.1)) as tf.Tensor2D);
        }),
      );
      return { gradient, x };
    },
    { held: [["weight", weight], ["moment", moment]] }, // biome-ignore format: one line
  );
  const kinds = new Map<string, Set<string>>();
  for (const { op, kind = "", phase, deltaBytes } of profile.events) {
    if (deltaBytes > 0) kinds.set(`${phase} ${op}`, (kinds.get(`${phase} ${op}`) ?? new Set()).add(kind));
  }
  expect(Object.fromEntries([...kinds].map(([what, set]) => [what, [...set].sort()]))).toMatchObject({
    "forward BatchMatMul": ["workspace"], // released before its layer ends, and not needed for the gradient of minus
    "forward Neg": ["activations"], // squared, and so kept
    "backward BatchMatMul": ["gradients"],
    "optimizer Multiply": ["workspace"],
    "optimizer Add": ["optimizer"], // the moment's new value
    "optimizer Sub": ["parameters"],
  });
  const { alive } = profile.books;
  expect(alive).toBe(4 * (35 + 35 + 35 + 21)); // weight, moment, gradient, x
  expect(profile.kept().rows.map(({ shape, kind, holder }) => [shape, kind, holder])).toEqual([
    [[7, 5], "gradients", "result"],
    [[3, 7], "activations", "result"],
    [[7, 5], "optimizer", "variable"],
    [[7, 5], "parameters", "variable"],
  ]);
  tf.dispose([weight, moment, profile.result.gradient, profile.result.x]);
});

test("memory() sees what a span of the user's own allocates, also after it awaited", async () => {
  const { events } = await memory(() =>
    span("mine", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      span("inner", () => tf.ones([7]).dispose());
    }),
  );
  expect([...events].map(({ layer, deltaBytes }) => [layer, deltaBytes])).toEqual([
    ["mine.inner", 28],
    ["mine.inner", -28],
  ]);
});

test("memory() sees the ops inside of what jit compiled, for they run one by one meanwhile", async () => {
  const f = jit((x: tf.Tensor) => x.exp().sum());
  const x = tf.ones([7, 5]);
  f(x).dispose();
  const { events } = await memory(() => f(x).dispose());
  expect([...events].map(({ op }) => op)).toContain("Exp");
  f.dispose();
  x.dispose();
});

test("MemoryProfile's views add up to its peak, and show themselves", async () => {
  const model = new BestRq({ mixer: "mhsa", size: "tiny", seed: 2 });
  const batch = { features: new Random(1).normal([2, 40, 80], 0, 1) as tf.Tensor3D, lengths: [40, 29] };
  const optimizer = new AdamW(model.entries().map(([, variable]) => variable));
  const step = () => {
    const { gradients, ...pass } = forwardBackward(model, batch);
    span("optimizer", () => optimizer.step(gradients, 1e-3));
    pass.dispose();
  };
  const profile = await memory(step, { held: model.entries(), title: "a step" });
  for (const by of ["layer", "op", "kind"] as const) {
    const { rows } = profile.alive(by);
    expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(profile.peakBytes);
    expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  }
  expect(bytesBy(profile, "kind").parameters).toBe(4 * model.parameterCount);
  expect(bytesBy(profile, "kind").activations).toBeGreaterThan(0);
  expect(profile.atPeak[0].bytes).toBe(profile.alive().rows[0].bytes);

  const largest = profile.largest(5).rows;
  expect(largest).toHaveLength(5);
  expect(largest.map(({ bytes }) => bytes)).toEqual(largest.map(({ bytes }) => bytes).sort((a, b) => b - a));
  expect(largest[0].bytes).toBe(4 * tf.util.sizeFromShape([...largest[0].shape]));
  expect(text(profile.largest(5))).toMatch(/memory +shape +dtype +kind +op +layer/);

  const short = { features: batch.features.slice([0, 0, 0], [2, 20, 80]) as tf.Tensor3D, lengths: [20, 20] };
  const shorter = await memory(() => forwardBackward(model, short).dispose(), {
    held: model.entries(),
    title: "short",
  });
  const [all, ...differences] = compare(profile, shorter, "kind").rows;
  expect(all).toEqual({
    name: "all",
    before: profile.peakBytes,
    after: shorter.peakBytes,
    difference: shorter.peakBytes - profile.peakBytes,
  });
  expect(differences.reduce((sum, { difference }) => sum + difference, 0)).toBe(all.difference);
  expect(profile.difference(profile).rows.every(({ difference }) => difference === 0)).toBe(true);

  const path = join(mkdtempSync(join(tmpdir(), "ledger-")), "step.arrow");
  await profile.save(path);
  const again = await load(path);
  expect([...again.events]).toEqual([...profile.events]);
  expect(again.books).toEqual(profile.books);
  expect([again.title, again.heldBytes, again.peakBytes]).toEqual(["a step", profile.heldBytes, profile.peakBytes]);
  const table = tableFromIPC(tableToIPC(profile.toArrow() as Table));
  expect(table.numRows).toBe(profile.events.length);
  expect(table.schema.fields.map(({ name }) => name)).toEqual(
    "time_us delta_bytes live_bytes op layer phase kind shape dtype tensor".split(" "),
  );
  optimizer.dispose();
  model.dispose();
  tf.dispose([batch.features, short.features]);
});
