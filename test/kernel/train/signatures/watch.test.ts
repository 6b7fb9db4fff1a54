import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Recipe, signatureNames, Watch, type WatchedStep } from "bestrq/train";
import { describe, expect, test } from "vitest";
import { stream } from "./streams";

const tiny = new Recipe({ mixer: "summarymixing", size: "tiny", steps: 500 });

/** What is told of steps, as `step name`. */
const told = (steps: readonly WatchedStep[], recipe = tiny, watch = new Watch(recipe)) =>
  steps.flatMap((step) => watch.step(step)).map(({ step, name }) => `${step} ${name}`);

describe("a watch", () => {
  test.each([1, 2, 3, 4, 5])("tells nothing of a run that goes well (seed %i)", (seed) => {
    expect(told(stream(700, undefined, seed))).toEqual([]);
  });

  test("tells what is not finite at once, and the loss and the norm", () => {
    const watch = new Watch(tiny);
    const [signature] = watch.step({ step: 1, loss: Number.NaN, gradientNorm: Number.POSITIVE_INFINITY });
    expect(signature).toMatchObject({ name: "not-finite", step: 1 });
    expect(signature.message).toMatch(/^The loss is NaN, the gradient norm Infinity\. /);
  });

  test("tells a loss that jumps, with what was usual", () => {
    const steps = stream(300, (step) => (step === 233 ? { loss: 6.25 } : {}));
    expect(told(steps)).toEqual(["233 loss-spike"]);
    const watch = new Watch(tiny);
    const [{ message }] = steps.flatMap((step) => watch.step(step));
    expect(message).toMatch(/^The loss jumped to 6\.25 where 3\.\d+ ± 0\.\d+ was usual\. /);
  });

  test("does not take one long batch for a jump: a loss a tenth above the usual", () => {
    expect(told(stream(300, (step) => (step === 233 ? { loss: 3.4 } : {})))).toEqual([]);
  });

  test("tells a gradient norm that jumps, and one that grows", () => {
    expect(told(stream(300, (step) => (step === 211 ? { gradientNorm: 80 } : {})))).toEqual(["211 gradient-growth"]);
    const growing = told(stream(400, (step) => (step > 200 ? { gradientNorm: 1.5 * 1.03 ** (step - 200) } : {})));
    expect(growing).toHaveLength(1);
    expect(growing[0]).toMatch(/^2[5-9]\d gradient-growth$/);
  });

  test("tells a loss that goes up and stays, after it told the jump", () => {
    const steps = stream(400, (step, jitter) => (step > 250 ? { loss: 5.2 + 0.05 * jitter } : {}));
    expect(told(steps)).toEqual(["251 loss-spike", "260 divergence"]);
  });

  test("tells a loss that creeps up without a jump", () => {
    const creeping = told(
      stream(600, (step, jitter) => (step > 200 ? { loss: 3.1 + (step - 200) / 200 + 0.05 * jitter } : {})),
    );
    expect(creeping).toHaveLength(1);
    expect(creeping[0]).toMatch(/ divergence$/);
  });

  test("tells a loss far above blind guessing", () => {
    expect(told(stream(50, () => ({ loss: 9 })))).toEqual(["1 loss-spike", "20 divergence"]);
    const [{ message }] = new Watch(tiny).step({ step: 1, loss: 9, gradientNorm: 1 });
    expect(message).toMatch(/^The loss jumped to 9 where guessing blindly gives 5\.55\. /);
  });

  test("tells a loss that never leaves chance, once it had 100 steps and half of the warm-up", () => {
    const steps = stream(600, (_, jitter) => ({ loss: Math.log(256) + 0.02 * jitter }));
    expect(told(steps)).toEqual(["100 plateau-at-chance"]);
    const slow = new Recipe({ mixer: "mamba", size: "tiny", optimizer: { warmup: 800 } });
    expect(told(steps, slow)).toEqual(["400 plateau-at-chance"]);
  });

  test("tells guesses that collapse onto few codes, after the warm-up", () => {
    const steps = stream(400, (step) => (step > 50 ? { codesGuessed: 2 / 256 } : {}));
    expect(told(steps)).toEqual(["100 code-collapse"]);
    const slow = new Recipe({ mixer: "mamba", size: "tiny", optimizer: { warmup: 300 } });
    expect(told(steps, slow)).toEqual(["300 code-collapse"]);
  });

  test("tells targets that collapse: a quantizer that gives all frames two codes", () => {
    const watch = new Watch(tiny);
    const signatures = stream(200, () => ({ codesInUse: 2 / 256 })).flatMap((step) => watch.step(step));
    expect(signatures.map(({ name }) => name)).toEqual(["code-collapse"]);
    expect(signatures[0].message).toMatch(/^Masked frames have 2 of 256 codes/);
  });

  test("says nothing of codes where they are not counted", () => {
    const steps = stream(300).map(({ step, loss, gradientNorm }) => ({ step, loss, gradientNorm }));
    expect(told(steps)).toEqual([]);
  });

  test("tells a signature anew only after 100 steps without it", () => {
    const spikes = (...at: number[]) => stream(700, (step) => (at.includes(step) ? { loss: 7 } : {}));
    expect(told(spikes(200, 210, 300, 399))).toEqual(["200 loss-spike"]);
    expect(told(spikes(200, 301))).toEqual(["200 loss-spike"]);
    expect(told(spikes(200, 302))).toEqual(["200 loss-spike", "302 loss-spike"]);
  });

  test("tells over-aggregation of influence, twice in a row after the warm-up, layer by layer", () => {
    const recipe = new Recipe({ mixer: "hypermixing", size: "tiny", optimizer: { warmup: 100 } });
    const rows = (...values: number[]) =>
      values.flatMap((overAggregation, layer) => [
        { layer, head: "head 1", overAggregation: 1 },
        { layer, head: "influence", overAggregation },
      ]);
    const watch = new Watch(recipe);
    expect(watch.maps(50, rows(1, 1))).toEqual([]);
    expect(watch.maps(100, rows(0.99, 0.5))).toEqual([]);
    expect(watch.maps(150, rows(0.5, 0.99))).toEqual([]);
    const [{ name, step, message }] = watch.maps(200, rows(0.5, 0.987));
    expect([name, step]).toEqual(["over-aggregation", 200]);
    expect(message).toMatch(/^The mixer treats all frames alike in layer 1 \(0\.987 of 1\)\. /);
    expect(watch.maps(250, rows(0.99, 0.99))).toEqual([]);
  });

  test("tells a batch that will not fit before the first step, once", () => {
    const watch = new Watch(tiny);
    expect(watch.batch(undefined)).toEqual([]);
    const [{ name, step, message }] = watch.batch("The largest batch will want 3 GiB, but 1 GiB is free");
    expect([name, step]).toEqual(["batch-too-large", 0]);
    expect(message).toMatch(/^The largest batch will want 3 GiB, but 1 GiB is free\. /);
    expect(watch.batch("again")).toEqual([]);
  });

  test("goes on from its state, whenever it was saved, as if nothing had been", () => {
    const wild = stream(420, (step, jitter) => ({
      ...(step % 97 === 0 ? { loss: 7 } : {}),
      ...(step > 300 ? { loss: 5.4 + 0.05 * jitter, gradientNorm: 90, codesGuessed: 1 / 256 } : {}),
      ...(step === 390 ? { loss: Number.NaN } : {}),
    }));
    const whole = told(wild);
    expect(new Set(whole.map((line) => line.split(" ")[1])).size).toBeGreaterThanOrEqual(4);
    for (let cut = 0; cut <= wild.length; cut += 31) {
      const first = new Watch(tiny);
      const before = told(wild.slice(0, cut), tiny, first);
      const state = JSON.parse(JSON.stringify(first.state));
      const after = told(wild.slice(cut), tiny, new Watch(tiny, state));
      expect([...before, ...after]).toEqual(whole);
    }
  });

  test("gives a copy of its state: what comes later does not change it", () => {
    const watch = new Watch(tiny);
    const [first, ...others] = stream(30);
    watch.step(first);
    const saved = watch.state;
    const text = JSON.stringify(saved);
    for (const step of others) watch.step(step);
    expect(JSON.stringify(saved)).toBe(text);
    const again = new Watch(tiny, saved);
    for (const step of others) again.step(step);
    expect(JSON.stringify(saved)).toBe(text);
    expect(again.state).toEqual(watch.state);
  });
});

describe("a message", () => {
  const messageFor = (recipe: Recipe) =>
    new Watch(recipe).step({ step: 1, loss: Number.NaN, gradientNorm: 1 })[0].message;

  test("is one line with what the authors did, for the mixer and the recipe at hand, and ends at a page that is there", () => {
    for (const message of [
      messageFor(tiny),
      ...new Watch(tiny).batch("Too large").map((signature) => signature.message),
      ...new Watch(tiny, { rules: { "over-aggregation": { before: [0] } }, lastSeen: {} })
        .maps(500, [{ layer: 0, head: "influence", overAggregation: 1 }])
        .map((signature) => signature.message),
    ]) {
      expect(message).not.toContain("\n");
      expect(message).toMatch(/the authors/i);
      expect(message).toMatch(/ Try .* See kernel\/docs\/signatures\/[\w-]+\.md$/);
    }
  });

  test("names the care that Fastformer got, unless the recipe has it", () => {
    expect(messageFor(new Recipe({ mixer: "fastformer", size: "tiny" }))).toContain("0.05 base, 0.10 large");
    expect(messageFor(new Recipe({ mixer: "fastformer" }))).not.toContain("mask less");
  });

  test("names the seed of the large Mamba, unless the recipe has it", () => {
    expect(messageFor(new Recipe({ mixer: "mamba", size: "large", seed: 1000 }))).toContain("seed 84");
    expect(messageFor(new Recipe({ mixer: "mamba", size: "large" }))).not.toContain("seed 84");
    expect(messageFor(new Recipe({ mixer: "mamba", size: "tiny" }))).toContain("fp16");
  });

  test.each(signatureNames)("leads to a page of %s", (name) => {
    expect(existsSync(fileURLToPath(new URL(`../../../../kernel/docs/signatures/${name}.md`, import.meta.url)))).toBe(
      true,
    );
  });
});
