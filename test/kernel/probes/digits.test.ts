// The experiment on spoken digits, on a handful of recordings.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeWav } from "bestrq/audio";
import { displaySymbol } from "bestrq/figures";
import { digits, digitTable, readDigits, runProbe } from "bestrq/probes";
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

/** Two people say ten digits three times, once for the test: the real recordings where they are at hand, else tones. */
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
  for (const { right, accuracy, low, high, layer_weights: weights, mixer } of first.rows) {
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
  writeFileSync(path, '{ "format": 2 }');
  expect(() => readDigits(path)).toThrow('it must hold "format": 1 and a list of "rows". Name another file');
  writeFileSync(path, "{");
  expect(() => readDigits(path)).toThrow(`Cannot read the results in ${path}`);
  expect(readFileSync(path, "utf8")).toBe("{");
  await expect(runProbe([])).rejects.toThrow("name one folder");
  await expect(runProbe([folder, "--mixers", "mhsb", "mamba"])).rejects.toThrow("must be some of mhsa, ");
  await expect(runProbe([folder, "--steps", "0"])).rejects.toThrow("--steps must be whole numbers from 1, got 0");
  await expect(runProbe([folder, "--seeds", "1", "x"])).rejects.toThrow("--seeds must be whole numbers from 0, got x");
});
