import { resample } from "bestrq/audio";
import { describe, expect, test } from "vitest";

const sine = (frequency: number, rate: number, length: number) =>
  Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * frequency * i) / rate));

/** Power of what is left after the wanted signal, in dB below it; the ends, where the filter sees zeros, left out. */
function noise(got: Float32Array, wanted: Float32Array): number {
  let error = 0;
  let power = 0;
  for (let i = 500; i < got.length - 500; i++) {
    error += (got[i] - wanted[i]) ** 2;
    power += wanted[i] ** 2;
  }
  return 10 * Math.log10(error / power);
}

describe("resample()", () => {
  for (const rate of [8000, 11_025, 22_050, 32_000, 44_100, 48_000]) {
    const highest = 0.8 * Math.min(rate, 16_000) * 0.5;

    test(`passes speech from ${rate} Hz without noise, shift in time or change of level`, async () => {
      for (const frequency of [100, 997, highest / 2, highest]) {
        const got = await resample(sine(frequency, rate, rate), rate);
        expect(noise(got, sine(frequency, 16_000, 16_000)), `${frequency} Hz`).toBeLessThan(-90);
      }
    });

    test(`gives round(n * 16000 / ${rate}) samples`, async () => {
      for (const length of [1, 2, 997, 16_384, 40_009])
        expect(await resample(new Float32Array(length), rate)).toHaveLength(Math.round((length * 16_000) / rate));
    });
  }

  for (const rate of [22_050, 44_100, 48_000])
    test(`keeps out what 16 kHz cannot hold of ${rate} Hz`, async () => {
      for (const frequency of [9_000, 10_000, 10_900]) {
        const got = await resample(sine(frequency, rate, rate), rate);
        const loudest = got.slice(500, -500).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(20 * Math.log10(loudest / 0.5), `${frequency} Hz`).toBeLessThan(-90);
      }
    });

  test("keeps an impulse in its place, and the end of the recording", async () => {
    for (const [at, rate] of [
      [4000, 8000],
      [7990, 8000],
      [24_000, 48_000],
      [47_900, 48_000],
    ]) {
      const input = new Float32Array(rate);
      input[at] = 0.5;
      const got = await resample(input, rate);
      const loudest = got.reduce((best, value, i) => (Math.abs(value) > Math.abs(got[best]) ? i : best), 0);
      expect(loudest).toBe(Math.round((at * 16_000) / rate));
    }
  });

  test("forgets the recording before", async () => {
    const once = await resample(sine(440, 8000, 5003), 8000);
    await resample(sine(3000, 44_100, 7919), 44_100);
    expect(await resample(sine(440, 8000, 5003), 8000)).toEqual(once);
  });

  test("clips what the filter overshoots", async () => {
    const square = Float32Array.from({ length: 8000 }, (_, i) => (i % 40 < 20 ? 1 : -1));
    const got = await resample(square, 8000);
    expect(got.every((value) => Math.abs(value) <= 1)).toBe(true);
  });

  test("gives 16 kHz back as it is, and refuses rates that are none", async () => {
    const input = sine(440, 16_000, 97);
    expect(await resample(input, 16_000)).toBe(input);
    await expect(resample(input, 0)).rejects.toThrow(/rate must be 1000 to 384000 Hz, got 0/);
    await expect(resample(input, Number.NaN)).rejects.toThrow(RangeError);
  });
});
