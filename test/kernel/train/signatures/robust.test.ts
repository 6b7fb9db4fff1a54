import { Random } from "bestrq/tensor";
import { deviation, median, remember } from "bestrq/train/signatures/robust";
import { expect, test } from "vitest";

test("median() is the middle value, or the mean of the two in the middle, and NaN of none", () => {
  expect(median([7])).toBe(7);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("median() leaves the order of what it is given alone", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

test("deviation() is the standard deviation of what is normally distributed, and hardly moved by wild values", () => {
  const values = [...new Random(3).normal([4001], 5, 2).dataSync()];
  expect(deviation(values)).toBeGreaterThan(1.9);
  expect(deviation(values)).toBeLessThan(2.1);
  const wild = values.map((value, index) => (index % 10 === 0 ? 1e9 : value));
  expect(deviation(wild)).toBeLessThan(2.6);
});

test("remember() keeps the last values, oldest first", () => {
  const window: number[] = [];
  for (let value = 1; value <= 7; value++) remember(window, value, 3);
  expect(window).toEqual([5, 6, 7]);
});
