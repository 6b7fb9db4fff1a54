import { BestRq, mixerNames } from "bestrq/bestrq";
import type * as figures from "bestrq/figures";
import { memory } from "bestrq/profile";
import { Random, span, tf } from "bestrq/tensor";
import { forwardBackward } from "bestrq/train";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

/** What must be equal on every backend: all but the moment. */
const work = (events: Iterable<figures.MemoryEvent>) => [...events].map(({ timeUs: _, ...event }) => event);

describe.each(everyBackend)("memory() on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("counts what a known computation holds, to the byte", async () => {
    const profile = await memory(async () => {
      const sum = tf.tidy(() => tf.ones([1000, 10]).add(1).sum());
      const [value] = await sum.data();
      sum.dispose();
      return value;
    });
    expect(profile.result).toBe(20_000);
    // ones [1000, 10], the scalar 1 (freed by then) or the sum at the end, the result of add [1000, 10].
    expect(profile.peakBytes).toBe(80_004);
    expect(profile.keptBytes).toBe(0);
    expect([...profile.events].reduce((sum, { deltaBytes }) => sum + deltaBytes, 0)).toBe(0);
  });

  test("names layer, op, shape and phase, and gives the gradient to the layer that ran forward", async () => {
    const x = tf.ones([3, 5]);
    const profile = await memory(() =>
      tf
        .grad((input) => span("outer", () => span("inner", () => tf.exp(input).sum())))(x)
        .dispose(),
    );
    const exp = [...profile.events].find(({ op }) => op === "Exp");
    expect(exp).toMatchObject({
      layer: "outer.inner",
      phase: "forward",
      shape: [3, 5],
      dtype: "float32",
      deltaBytes: 60,
    });
    const backward = [...profile.events].filter(({ phase, deltaBytes }) => phase === "backward" && deltaBytes > 0);
    expect(backward.some(({ op, layer }) => op === "Multiply" && layer === "outer.inner")).toBe(true);
  });

  test("leaves the engine as it was, after an exception too, and can record again", async () => {
    const engine = Object.keys(tf.engine()).sort();
    await expect(memory(() => Promise.reject(new Error("on purpose")))).rejects.toThrow("on purpose");
    expect(Object.keys(tf.engine()).sort()).toEqual(engine);
    expect((await memory(() => tf.ones([2]).dispose())).peakBytes).toBe(8);
  });

  test("refuses a second recording while one is under way", async () => {
    const first = memory(() => new Promise((resolve) => setTimeout(resolve, 20)));
    await expect(memory(() => 1)).rejects.toThrow("another recording is under way");
    await first;
  });

  test("sees what is allocated after an await", async () => {
    const { peakBytes, events } = await memory(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      span("late", () => tf.ones([7]).dispose());
    });
    expect(peakBytes).toBe(28);
    expect(events.at(0).layer).toBe("late");
  });
});

/** A model that takes no time. */
const small = {
  ...{ mels: 8, channels: [3, 2], width: 12, heads: 2, layers: 2 },
  ...{ feedForward: 16, kernel: 5, codes: 11 },
};

test.each(mixerNames)(
  "memory() accounts for a pass of %s the same on every backend, and for all of it",
  async (mixer) => {
    const passes = [];
    for (const name of everyBackend) {
      await useBackend(name);
      const model = new BestRq({ mixer, ...small, seed: 2 });
      const batch = { features: new Random(1).normal([2, 40, small.mels], 0, 1) as tf.Tensor3D, lengths: [40, 29] };
      const profile = await memory(() => forwardBackward(model, batch).dispose(), { held: model.entries() });
      expect(profile.keptBytes).toBe(0);
      const events = [...profile.events];
      expect(events.filter(({ layer }) => layer.startsWith("parameters."))).toHaveLength(model.entries().length);
      const layers = new Set(events.map(({ layer }) => layer));
      for (const layer of ["encoder.0.mixer", "encoder.1.feedForward2", "head", "frontEnd.1"]) {
        expect(
          [...layers].some((path) => path.startsWith(layer)),
          `${layer} in ${[...layers]}`,
        ).toBe(true);
      }
      expect(profile.peakBytes).toBeGreaterThan(4 * model.parameterCount);
      passes.push({ events: work(profile.events), layers: [...layers].sort(), peakBytes: profile.peakBytes });
      model.dispose();
    }
    for (const pass of passes) expect(pass).toEqual(passes[0]);
  },
);
