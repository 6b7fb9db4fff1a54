import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { filterbank, frameCount, melFilters } from "bestrq/audio";
import { backend, Random, readSafetensors, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

const reference = fileURLToPath(new URL("../../../../shared/reference/fbank.safetensors", import.meta.url));

/** The same features by loops in double precision, straight from the definition. */
function slowFilterbank(waveform: Float32Array): number[][] {
  const filters = melFilters();
  const levels = Array.from({ length: frameCount(waveform.length) }, (_, frame) => {
    const energies = new Array(80).fill(0);
    for (let k = 0; k <= 200; k++) {
      let [real, imaginary] = [0, 0];
      for (let n = 0; n < 400; n++) {
        const sample = waveform[frame * 160 - 200 + n] ?? 0;
        const windowed = sample * (0.54 - 0.46 * Math.cos((2 * Math.PI * n) / 400));
        real += windowed * Math.cos((2 * Math.PI * k * n) / 400);
        imaginary += windowed * Math.sin((2 * Math.PI * k * n) / 400);
      }
      for (let mel = 0; mel < 80; mel++) energies[mel] += (real ** 2 + imaginary ** 2) * filters[k * 80 + mel];
    }
    return energies.map((energy) => 10 * Math.log10(Math.max(energy, 1e-10)));
  });
  const floor = Math.max(...levels.flat()) - 80;
  return levels.map((frame) => frame.map((level) => Math.max(level, floor)));
}

async function largestDifference(got: tf.Tensor, wanted: tf.Tensor): Promise<number> {
  return (await tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(got, wanted))), tf.max(tf.abs(wanted)))).data())[0];
}

const noise = (length: number, random: Random) => Float32Array.from({ length }, () => 0.6 * random.next() - 0.3);

describe.each(everyBackend)("filterbank() on %s", (name) => {
  beforeAll(() => useBackend(name));

  test("equals SpeechBrain's features, or loops where the vectors are not at hand", async () => {
    const random = new Random(3);
    const known = existsSync(reference) ? readSafetensors(reference) : undefined;
    const waveform = known
      ? ((await known.tensor("wav").data()) as Float32Array)
      : noise(3203, random).map((v, i) => v * Math.exp(-i / 500));
    const wanted = known ? known.tensor("features").squeeze([0]) : tf.tensor2d(slowFilterbank(waveform));
    const got = filterbank(waveform);
    expect(got.shape).toEqual(wanted.shape);
    const difference = await largestDifference(got, wanted);
    console.log(`${backend.status().name}: ${difference.toExponential(1)} of the largest magnitude`);
    expect(difference).toBeLessThan(1e-5);
  });

  test("equals loops on recordings of any length, short of one window too", async () => {
    for (const length of [1, 7, 159, 160, 161, 401, 1013]) {
      const waveform = noise(length, new Random(length));
      const got = filterbank(waveform);
      expect(got.shape).toEqual([1 + Math.floor(length / 160), 80]);
      expect(await largestDifference(got, tf.tensor2d(slowFilterbank(waveform))), `${length} samples`).toBeLessThan(
        1e-5,
      );
    }
  });

  test("is the same in pieces: frames beyond the first 4096 too", async () => {
    const waveform = noise(4300 * 160, new Random(11));
    waveform[0] = 1; // the floor comes from the whole utterance
    const whole = filterbank(waveform);
    const tail = filterbank(waveform.slice(4000 * 160));
    const [a, b] = tf.tidy(() => [whole.slice([4050, 0], [200, 80]), tail.slice([50, 0], [200, 80])]);
    expect(await largestDifference(a, b)).toBeLessThan(1e-5);
  });

  test("leaves nothing behind but its result", () => {
    const before = tf.memory().numTensors;
    filterbank(noise(5003, new Random(1))).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("filterbank() takes silence: all of it at the lowest level", async () => {
  const levels = await filterbank(new Float32Array(1600)).data();
  expect(levels.every((level) => Math.abs(level + 100) < 1e-3)).toBe(true);
});

test("filterbank() refuses what is no waveform", () => {
  expect(() => filterbank(new Float32Array())).toThrow(/must not be empty/);
  expect(() => filterbank([0, 1] as unknown as Float32Array)).toThrow(TypeError);
  expect(() => filterbank(new Float32Array(160), { mels: 0 })).toThrow(/positive integer, got 0/);
});

test("melFilters() are triangles that touch: one peak each, nothing at 0 Hz", () => {
  const mels = 23;
  const filters = melFilters(mels);
  expect(filters).toHaveLength(201 * mels);
  for (let mel = 0; mel < mels; mel++) {
    const column = Array.from({ length: 201 }, (_, bin) => filters[bin * mels + mel]);
    const peak = column.indexOf(Math.max(...column));
    expect(column[0]).toBe(0);
    expect(column.slice(0, peak)).toEqual(column.slice(0, peak).sort((a, b) => a - b));
    expect(column.slice(peak)).toEqual(column.slice(peak).sort((a, b) => b - a));
  }
});
