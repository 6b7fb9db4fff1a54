import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Utterance } from "bestrq/audio";
import { inMemory } from "bestrq/corpora";
import { Random, tf } from "bestrq/tensor";
import {
  checkpointsIn,
  JsonLines,
  Recipe,
  type RecipeOptions,
  type Run,
  type RunOptions,
  run,
  type StepMetrics,
} from "bestrq/train";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { useBackend } from "../tensor/backends";

/** A model that takes no time. */
const model = { channels: [3, 2], width: 12, heads: 2, layers: 1, feedForward: 16, kernel: 5, codes: 32, dropout: 0.1 };
const recipe = (changes: Partial<RecipeOptions> = {}) =>
  new Recipe({
    mixer: "fastformer",
    size: "tiny",
    seed: 7,
    steps: 4,
    model,
    batches: { seconds: 1.1, buckets: 2, shortest: 0.3 },
    accumulation: 2,
    normalisationEpochs: 1,
    validation: { every: 2, share: 0.2 },
    checkpoints: { every: 2, keep: 3 },
    ...changes,
  });

/** Ten utterances of noise of about half a second. */
const speech = (seed = 3) => {
  const random = new Random(seed);
  const utterances = Array.from({ length: 10 }, (_, index) => {
    const waveform = Float32Array.from({ length: 8000 + 16 * index }, () => random.next() - 0.5);
    return new Utterance({ path: `${index}.wav`, name: String(index), waveform });
  });
  return inMemory(utterances);
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const out = () => join(folder, "run");

/** What does not depend on the clock and the machine. */
const lasting = ({ seconds, audioPerSecond, peakBytes, ...metrics }: StepMetrics) => metrics;

const parametersOf = async ({ model }: Run) =>
  Promise.all(model.entries().map(async ([, variable]) => new Uint32Array((await variable.data()).buffer)));

/** Trains up to a step, or to the end. */
async function train(options: RunOptions = {}, { of = recipe(), until = Infinity, on = speech() } = {}) {
  const underway = await run(of, on, options);
  try {
    const steps: StepMetrics[] = [];
    for await (const step of underway) {
      steps.push(step);
      if (step.step === until) break;
    }
    return { steps: steps.map(lasting), parameters: await parametersOf(underway), isStopped: underway.isStopped };
  } finally {
    underway.dispose();
  }
}

const stepsKept = () => checkpointsIn(out()).map(({ step }) => step);
const rowsKept = () => JsonLines.read(join(out(), "metrics.jsonl")).map(lasting);
describe.each(["tensorflow", "wasm"] as const)("on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("a run that is left and goes on equals one that was not, bit for bit, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const whole = await train();
    expect(whole.steps.map(({ step, epoch }) => [step, epoch])).toEqual([[1, 0], [2, 0], [3, 1], [4, 1]]); // biome-ignore format: a table
    expect(whole.isStopped).toBe(false);
    const first = await train({ out: out() }, { until: 3 });
    expect(first.isStopped).toBe(true);
    expect(stepsKept()).toEqual([2, 3]);
    // Whatever happens to the newest checkpoint, the one before it is taken, and what was measured since is forgotten.
    const messages: string[] = [];
    truncateSync(join(checkpointsIn(out())[1].path, "optimizer.safetensors"), 1000);
    const second = await train({ out: out(), resume: true, onMessage: (message) => messages.push(message) });
    expect(messages).toEqual([
      expect.stringMatching(/step-00000003 of .* is damaged \(optimizer.safetensors must have/),
    ]);
    expect(second.steps).toEqual(whole.steps.slice(2));
    expect(second.parameters).toEqual(whole.parameters);
    expect(rowsKept()).toEqual(whole.steps);
    expect(stepsKept()).toEqual([2, 3, 4]);
    expect(tf.memory().numTensors).toBe(before);
  }, 240_000);
});
