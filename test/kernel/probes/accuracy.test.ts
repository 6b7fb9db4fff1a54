import { accuracyOf, margin } from "bestrq/probes";
import { expect, test } from "vitest";

const guesses = (right: number, of: number) => Array.from({ length: of }, (_, index) => index < right);

test.each([
  // R's prop.test(8, 10, correct = FALSE); of none and of all right guesses z² / (n + z²) and n / (n + z²)
  [8, 10, 0.4901625, 0.9433178],
  [0, 10, 0, 0.2775328],
  [15, 15, 0.7961167, 1],
])("accuracyOf() of %d right guesses among %d has Wilson's interval", (right, of, low, high) => {
  const accuracy = accuracyOf(guesses(right, of));
  expect(accuracy).toMatchObject({ share: right / of, of });
  expect(accuracy.low).toBeCloseTo(low, 6);
  expect(accuracy.high).toBeCloseTo(high, 6);
});

test("accuracyOf() needs guesses", () => {
  expect(() => accuracyOf([])).toThrow("Cannot tell an accuracy: there must be guesses, got none");
});

test("margin() is the mean of the differences of each recording, with their standard error", () => {
  // Two trials against one: differences 1, 0.5, 0, -0.5; their mean 0.25, variance 5/12, standard error 0.3227.
  const better = [
    [true, true, true, false],
    [true, false, true, true],
  ];
  const { share, low, high } = margin(better, [[false, false, true, true]]);
  expect(share).toBeCloseTo(0.25, 12);
  expect(high - share).toBeCloseTo(1.959964 * Math.sqrt(5 / 12 / 4), 12);
  expect(share - low).toBeCloseTo(high - share, 12);
});

test("margin() pairs recordings: what is hard for both does not widen it", () => {
  const hard = guesses(50, 100);
  expect(margin([hard], [hard])).toEqual({ share: 0, low: 0, high: 0 });
});

test("margin() refuses guesses of other recordings", () => {
  expect(() => margin([guesses(1, 3)], [guesses(1, 4)])).toThrow("the same two recordings or more, got 3, 4");
  expect(() => margin([guesses(1, 3)], [])).toThrow(RangeError);
  expect(() => margin([], [])).toThrow("got none");
});
