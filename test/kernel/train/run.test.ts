import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Utterance } from "bestrq/audio";
import { inMemory } from "bestrq/corpora";
import { alone } from "bestrq/parallel";
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
import { parseTrain } from "bestrq/train/command";
import { roundedUp } from "bestrq/train/run/data";
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

describe("a run", () => {
  beforeAll(() => useBackend("wasm"));

  test("ends with a checkpoint after the step in which its signal is given, and goes on from there", async () => {
    const controller = new AbortController();
    const sink = { add: ({ step }: StepMetrics) => step === 1 && controller.abort(), close: () => {} };
    const { steps, isStopped } = await train({ out: out(), signal: controller.signal, sinks: [sink] });
    expect([steps.length, isStopped, stepsKept()]).toEqual([2, true, [2]]); // heard within the second step
    expect((await train({ out: out(), resume: true })).steps.map(({ step }) => step)).toEqual([3, 4]);
  });

  test("is saved when its signal is given while nobody asks for a step", async () => {
    const controller = new AbortController();
    const underway = await run(recipe(), speech(), { out: out(), signal: controller.signal });
    const steps = underway[Symbol.asyncIterator]();
    await steps.next();
    controller.abort();
    await expect.poll(stepsKept).toEqual([1]);
    expect(await steps.next()).toEqual({ value: undefined, done: true });
    underway.dispose();
  });

  test("writes what it measures, and names what could not be read", async () => {
    const source = speech();
    const skipped = { path: "4.wav", reason: "it was deleted" };
    const load: typeof source.load = async (indices) => {
      const loaded = await source.load(indices);
      if (!indices.includes(4)) return loaded;
      return { ...loaded, features: loaded.features.filter((_, at) => indices[at] !== 4), skipped: [skipped] };
    };
    const messages: string[] = [];
    const onMessage = (message: string) => messages.push(message);
    const of = recipe({ steps: 2, validation: { every: 0 } });
    const { steps } = await train({ out: out(), onMessage }, { of, on: { ...source, load } });
    expect(rowsKept()).toEqual(steps);
    expect(steps.reduce((sum, { audioSeconds }) => sum + audioSeconds, 0)).toBeLessThan(4.2); // eight were dealt
    expect(messages.every((message) => message === "4.wav is left out: it was deleted")).toBe(true);
  });

  test("that cannot read anything any more, or whose loss is not finite, says so and keeps what was saved", async () => {
    const source = speech();
    let breaks = (values: Float32Array) => values.fill(Number.NaN);
    const load: typeof source.load = async (indices) => {
      const { features, mels } = await source.load(indices);
      return { features: features.map((values) => breaks(values.slice())), mels, skipped: [] };
    };
    await train({ out: out() }, { until: 2 });
    const goOn = () => train({ out: out(), resume: true }, { on: { ...source, load } });
    await expect(goOn()).rejects.toThrow("Cannot go on training at step 3: the loss is NaN");
    breaks = () => new Float32Array(0);
    await expect(goOn()).rejects.toThrow("at step 3: of its utterances, none could be read");
    expect(stepsKept()).toEqual([2]);
    expect((await train({ out: out(), resume: true })).steps.map(({ step }) => step)).toEqual([3, 4]);
  });

  test("refuses speech that does not fit, and more processes than batches", async () => {
    const long = recipe({ batches: { shortest: 5 } });
    await expect(run(long, speech())).rejects.toThrow(
      "Cannot train: there must be utterances of 5 to 60 s (batches.shortest, batches.longest), got 10 of 0.50 to 0.51 s",
    );
    const three = { ...alone, size: 3 };
    await expect(run(recipe(), speech(), { communicator: three })).rejects.toThrow(
      "Cannot share a step of 2 batches among 3 processes: accumulation must be at least their number",
    );
  });
});

test("roundedUp() takes few lengths, an eighth longer at most", () => {
  const lengths = Array.from({ length: 6000 }, (_, index) => index + 8);
  for (const length of lengths) {
    const rounded = roundedUp(length);
    expect(rounded % 4).toBe(0);
    expect(rounded).toBeGreaterThanOrEqual(length);
    expect(rounded).toBeLessThanOrEqual(Math.max(length * 1.125, length + 3));
  }
  expect(new Set(lengths.map(roundedUp)).size).toBeLessThan(75);
});

test("parseTrain() changes a recipe by --set, and says what is missing or wrong", () => {
  const given = ["--mixer", "mamba", "--size", "tiny", "--audio", "speech", "--out", "run"];
  const { recipe } = parseTrain([
    ...given,
    "--steps",
    "9",
    "--set",
    "optimizer.learningRate=1e-4",
    "--set",
    "model.codes=64",
  ]);
  expect([recipe.steps, recipe.optimizer.learningRate, recipe.model.codes]).toEqual([9, 1e-4, 64]);
  expect(() => parseTrain(["--mixer", "mamba"])).toThrow("Cannot train: --audio, --out must be given");
  expect(() => parseTrain([...given, "--set", "steps"])).toThrow("--set takes FIELD=VALUE, such as");
  expect(() => parseTrain([...given, "--set", "stps=3"])).toThrow("stps is not known: steps may be meant");
  expect(() => parseTrain([...given, "--steps", "many"])).toThrow('steps must be a whole number from 1, got "many"');
  expect(() => parseTrain([...given, "--recipe", "no.json"])).toThrow("Cannot read the recipe no.json: ENOENT");
});
