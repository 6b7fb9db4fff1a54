import { Random, type tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "./backends";

beforeAll(() => useBackend("wasm"));

/** Values of a tensor that is not needed any more. */
function take(tensor: tf.Tensor): number[] {
  const values = Array.from(tensor.dataSync());
  tensor.dispose();
  return values;
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("Random", () => {
  test("is xoshiro128** seeded by SplitMix64", () => {
    // From an independent implementation of both papers.
    const random = new Random(42);
    expect([1, 2, 3].map(() => random.next() * 2 ** 32)).toEqual([1776835114, 4165204688, 17111135]);
  });

  test("draws the same tensors on every machine", () => {
    expect(take(new Random(0).normal([3]))).toEqual([0.9910207986831665, 0.27219316363334656, 0.7334588766098022]);
    expect(take(new Random(1).uniform([3], -1, 1))).toEqual([
      -0.2106550931930542, -0.33731043338775635, -0.7044998407363892,
    ]);
  });

  test("uniform() has the moments of its distribution and stays in its bounds", () => {
    const values = take(new Random(3).uniform([50_000], 2, 5));
    expect(values.every((value) => value >= 2 && value < 5)).toBe(true);
    expect(mean(values)).toBeCloseTo(3.5, 1);
    expect(mean(values.map((value) => (value - 3.5) ** 2))).toBeCloseTo(9 / 12, 1);
  });

  test("normal() has the moments of its distribution", () => {
    const values = take(new Random(5).normal([50_001], 1, 2)).map((value) => (value - 1) / 2);
    for (const [power, moment] of [0, 1, 0, 3].entries())
      expect(Math.abs(mean(values.map((value) => value ** (power + 1))) - moment)).toBeLessThan(0.1);
  });

  test("integer() gives each number as often as the next", () => {
    const random = new Random(7);
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(() => random.integer(0)).toThrow(RangeError);
    expect(() => random.integer(2.5)).toThrow("got 2.5");
  });

  test("choose() gives k different numbers in ascending order, each as often as the next", () => {
    const random = new Random(11);
    const counts = new Array(11).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const chosen = random.choose(11, 3);
      expect(new Set(chosen).size).toBe(3);
      expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
      for (const number of chosen) counts[number]++;
    }
    for (const count of counts) expect(Math.abs(count - 30_000 / 11)).toBeLessThan(250);
    expect(random.choose(5, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(random.choose(5, 0)).toEqual([]);
    expect(() => random.choose(3, 4)).toThrow("Cannot choose k of n: 0 <= k <= n <= 2^32 must hold, got k = 4, n = 3");
  });

  test("fork() depends on seed and name, not on what was drawn before", () => {
    const fresh = new Random(13);
    const used = new Random(13);
    used.next();
    expect(used.fork("mask").next()).toBe(fresh.fork("mask").next());
    const streams = [
      fresh.fork("mask"),
      fresh.fork("noise"),
      new Random(14).fork("mask"),
      fresh,
      fresh.fork("mask").fork("mask"),
    ];
    expect(new Set(streams.map((stream) => stream.next())).size).toBe(streams.length);
  });

  test("state goes through JSON and continues the stream", () => {
    const random = new Random(17);
    take(random.normal([3]));
    const state = JSON.parse(JSON.stringify(random.state));
    const expected = [random.next(), random.fork("x").next()];
    const restored = new Random(0);
    restored.state = state;
    expect([restored.next(), restored.fork("x").next()]).toEqual(expected);
    expect(() => {
      restored.state = { seed: 1, words: [0, 0, 0, 0] };
    }).toThrow(TypeError);
  });

  test("refuses a seed that is no whole number", () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => new Random(seed)).toThrow(RangeError);
  });
});
