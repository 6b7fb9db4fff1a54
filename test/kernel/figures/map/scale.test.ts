import { type Coding, colourRange, colourTicks, decode, encode, place, type Tone } from "bestrq/figures/map/scale";
import { expect, test } from "vitest";

const codings: Coding[] = [
  { low: -7, high: 3, steps: "even" },
  { low: 0, high: 0.83, steps: "cubic" },
  { low: -0.4, high: 0.4, steps: "signed" },
];

test.each(codings)("decode() gives back every byte of encode(), $steps", (coding) => {
  for (let code = 0; code < 255; code++) expect(encode(decode(code, coding), coding)).toBe(code);
  expect([coding.low, coding.high].map((end) => decode(encode(end, coding), coding))).toEqual([
    coding.low,
    coding.high,
  ]);
  expect(decode(encode(Number.NaN, coding), coding)).toBeNaN();
  expect([-1e9, 1e9].map((value) => encode(value, coding))).toEqual([0, 254]);
});

test("decode() is within a hundredth of the largest number, and finer where numbers are small", () => {
  const coding = codings[1];
  for (let value = 0; value <= 0.83; value += 0.0137) {
    const error = Math.abs(decode(encode(value, coding), coding) - value);
    expect(error).toBeLessThanOrEqual(0.006 * 0.83);
    if (value > 0.0005) expect(error).toBeLessThanOrEqual(0.09 * value);
  }
});

test("encode() keeps zero exactly where numbers have signs", () => {
  expect(decode(encode(0, codings[2]), codings[2])).toBe(0);
});

test.each<Tone>(["linear", "square root", "logarithm"])("place() rises from 0 to 1 over the range, %s", (tone) => {
  for (const diverging of [false, true]) {
    const range = [diverging ? -2 : 0, 2] as const;
    const places = Array.from({ length: 41 }, (_, i) =>
      place(range[0] + ((range[1] - range[0]) * i) / 40, range, tone, diverging),
    );
    expect([places[0], places[40]]).toEqual([0, 1]);
    for (let i = 1; i <= 40; i++) expect(places[i]).toBeGreaterThan(places[i - 1]);
    if (diverging) expect(places[20]).toBe(0.5);
  }
});

test("place() by hand: half of the square root is a quarter, half of four decades is a hundredth", () => {
  expect(place(0.25, [0, 1], "square root", false)).toBeCloseTo(0.5, 12);
  expect(place(0.01, [0, 1], "logarithm", false)).toBeCloseTo(0.5, 12);
  expect(place(-0.25, [-1, 1], "square root", true)).toBeCloseTo(0.25, 12);
});

test("colourRange() spans all maps, symmetric where colours diverge, from zero where that is near", () => {
  const spread = (low: number, high: number) => ({
    low,
    high,
    steps: "even" as const,
    whole: [low, high] as const,
    most: [low / 2, high / 2] as const,
  });
  expect(colourRange([spread(-1, 2), spread(-3, 1)], true, false)).toEqual([-3, 2]);
  expect(colourRange([spread(-1, 2), spread(-3, 1)], false, false)).toEqual([-1.5, 1]);
  expect(colourRange([spread(-3, 1)], true, true)).toEqual([-3, 3]);
  expect(colourRange([spread(0.001, 1)], true, false)).toEqual([0, 1]);
});

test.each<Tone>(["linear", "square root", "logarithm"])("colourTicks() tell the ends and keep apart, %s", (tone) => {
  const ticks = colourTicks([0, 0.37], tone, false, 5);
  expect(ticks.at(0)?.at).toBe(0);
  expect(ticks.at(-1)).toEqual({ value: 0.37, at: 1 });
  expect(ticks.length).toBeGreaterThan(2);
  for (let i = 1; i < ticks.length; i++) expect(ticks[i].at - ticks[i - 1].at).toBeGreaterThanOrEqual(0.2);
  for (const { value, at } of ticks) expect(place(value, [0, 0.37], tone, false)).toBeCloseTo(at, 12);
});
