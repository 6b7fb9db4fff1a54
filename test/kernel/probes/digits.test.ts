// The experiment on spoken digits, on a handful of recordings.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeWav } from "bestrq/audio";
import { displaySymbol } from "bestrq/figures";
import { type DigitResults, digits, digitTable, margin, readDigits, runProbe } from "bestrq/probes";
import { firstTested, isTested } from "bestrq/probes/digits/settings";
import { tf } from "bestrq/tensor";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useBackend } from "../tensor/backends";

const recordings = fileURLToPath(new URL("../../../../shared/data/fsdd/recordings", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "bestrq-probes-"));
  await useBackend("tensorflow");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Two people say ten digits three times, once for the tests of seeds 1 and 2 each: real where at hand, else tones. */
function fill(): void {
  for (const [s, speaker] of ["george", "theo"].entries())
    for (let digit = 0; digit < 10; digit++)
      for (const index of [0, 7, 11]) {
        const name = `${digit}_${speaker}_${index}.wav`;
        const tone = () =>
          Float32Array.from({ length: 3001 + 97 * index }, (_, i) => 0.3 * Math.sin((i * (1 + digit)) / (12 + s)));
        if (existsSync(recordings)) copyFileSync(join(recordings, name), join(folder, name));
        else writeFileSync(join(folder, name), encodeWav(tone(), 8000));
      }
}

test("digits() probes before and after pre-training, keeps each trial, and does none twice", async () => {
  fill();
  const out = join(folder, "results/probes.json");
  const before = tf.memory().numTensors;
  const told: string[] = [];
  const tell = (what: string) => void told.push(what);
  const settings = { steps: 3, seconds: 1, batchSize: 4, probeSteps: 20 };
  const first = await digits(folder, { ...settings, mixers: ["summarymixing"], seeds: [1], out, tell });
  expect(tf.memory().numTensors).toBe(before);
  expect(first.settings).toMatchObject(settings);
  const sources = ["filterbank", "filterbank, mean and deviation", "random weights", "pre-trained"];
  expect(first.rows.map(({ source, target }) => `${source}: ${target}`)).toEqual(
    sources.flatMap((source) => ["digit", "speaker"].map((target) => `${source}: ${target}`)),
  );
  for (const { right, accuracy, low, high, layer_weights: weights, mixer, seed } of first.rows) {
    expect(seed).toBe(1);
    expect(right).toMatch(/^[01]{20}$/);
    expect(accuracy).toBeCloseTo((right.split("1").length - 1) / 20, 4);
    expect(low).toBeLessThanOrEqual(accuracy);
    expect(high).toBeGreaterThanOrEqual(accuracy);
    expect(weights).toHaveLength(mixer ? 3 : 1);
  }
  const [random, trained] = first.rows.filter(({ mixer, target }) => mixer && target === "digit");
  expect(random.layer_weights).not.toEqual(trained.layer_weights); // the three steps did something
  expect(random.loss).toBeUndefined();
  expect(trained.loss).toBeGreaterThan(0);
  expect(told).toContainEqual(expect.stringMatching(/^summarymixing, seed 1, loss \d/));
  expect(readDigits(out)).toEqual(first);

  told.length = 0;
  expect(await digits(folder, { ...settings, mixers: ["summarymixing"], seeds: [1], out, tell })).toEqual(first);
  expect(told).toEqual([]);
  await expect(digits(folder, { ...settings, steps: 4, out })).rejects.toThrow(
    "they must have steps 4 to go on with them, got 3. Name another file",
  );

  const bundle = digitTable(first)[displaySymbol]() as Record<string, string>;
  expect(bundle["text/markdown"]).toMatch(/summarymixing *\|.*\+?\d+\.\d \([+-]?\d/);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await runProbe(["--report", "--out", out]);
  expect(log).toHaveBeenCalledWith(bundle["text/markdown"]);
});

test("every seed is tested on other repetitions, and none on those that settings were chosen on", () => {
  const tested = (seed: number) => Array.from({ length: 50 }, (_, index) => index).filter((one) => isTested(one, seed));
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const all = seeds.flatMap(tested);
  expect(tested(1)).toEqual([0, 1, 2, 3, 4]); // the set's own test split
  expect(seeds.map((seed) => tested(seed).length)).toEqual(seeds.map(() => 5));
  expect(new Set(all).size).toBe(45);
  expect(all.some((index) => index >= 5 && index < 10)).toBe(false);
  for (const seed of [0, 10, 1.5, Number.NaN])
    expect(() => firstTested(seed)).toThrow(`seeds must be 1 to 9, each leaves out others, got ${seed}`);
});

test("digitTable() compares what was guessed on the same recordings, seed by seed", () => {
  const row = (source: DigitResults["rows"][number]["source"], seed: number, right: string, mixer?: "mamba") => {
    const accuracy = (right.split("1").length - 1) / right.length;
    return { source, mixer, seed, target: "digit" as const, accuracy, low: 0, high: 1, layer_weights: [1], right };
  };
  // Seeds come in another order, and the filterbank was tried with one more.
  const [trained, random, filterbank] = [["1111", "1101"], ["0111", "0001"], ["1000", "1100"]]; // biome-ignore format: one line
  const rows = [
    ...[1, 2].map((seed) => row("filterbank", seed, filterbank[seed - 1])),
    row("filterbank", 3, "0000"),
    ...[2, 1].flatMap((seed) => [
      row("pre-trained", seed, trained[seed - 1], "mamba"),
      row("random weights", seed, random[seed - 1], "mamba"),
    ]),
  ];
  const told = (digitTable({ rows } as unknown as DigitResults)[displaySymbol]() as Record<string, string>)["text/plain"]; // biome-ignore format: one line
  const bits = (seeds: readonly string[]) => [[...seeds.join("")].map((one) => one === "1")];
  for (const other of [random, filterbank]) {
    const { share, low, high } = margin(bits(trained), bits(other));
    const [points, from, to] = [share, low, high].map((value) => `${value < 0 ? "" : "+"}${(100 * value).toFixed(1)}`);
    expect(told).toContain(`${points} (${from} to ${to})`);
  }
});

test("a trial gives the same whenever it is run", async () => {
  fill();
  const run = () =>
    digits(folder, { steps: 2, seconds: 1, batchSize: 4, probeSteps: 10, mixers: ["mhsa"], seeds: [2] });
  const [{ rows }, again] = [await run(), await run()];
  const digit = (found: typeof rows) => found.filter(({ target }) => target === "digit").map(({ right }) => right);
  expect(digit(again.rows)).toEqual(digit(rows));
});

test("readDigits() and `bestrq probe` say what they cannot do", async () => {
  const path = join(folder, "other.json");
  writeFileSync(path, '{ "format": 1, "rows": [] }'); // of before each seed had a test of its own
  expect(() => readDigits(path)).toThrow('it must hold "format": 2 and a list of "rows". Name another file');
  writeFileSync(path, "{");
  expect(() => readDigits(path)).toThrow(`Cannot read the results in ${path}`);
  expect(readFileSync(path, "utf8")).toBe("{");
  await expect(runProbe([])).rejects.toThrow("name one folder");
  await expect(runProbe([folder, "--mixers", "mhsb", "mamba"])).rejects.toThrow("must be some of mhsa, ");
  await expect(runProbe([folder, "--steps", "0"])).rejects.toThrow("--steps must be whole numbers from 1, got 0");
  await expect(runProbe([folder, "--seeds", "1", "x"])).rejects.toThrow("--seeds must be whole numbers from 1, got x");
  await expect(runProbe([folder, "--seeds", "10"])).rejects.toThrow(
    "seeds must be 1 to 9, each leaves out others, got 10",
  );
  fill();
  const tell = () => expect.fail("a trial began before all were known to be possible");
  await expect(digits(folder, { mixers: ["mhsa"], seeds: [1, 3], tell })).rejects.toThrow(
    "whose index is 15 to 19, for the test, and others, got 0 and 60",
  );
});
