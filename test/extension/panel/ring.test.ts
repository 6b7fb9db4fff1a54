import { expect, test } from "vitest";
import { Ring } from "../../../extension/src/panel/ring";
import { highest, thinned } from "../../../extension/src/panel/thin";

const filled = (count: number, capacity: number, value = (index: number) => index) => {
  const ring = new Ring(capacity);
  for (let index = 0; index < count; index++) ring.push(10 * index, value(index));
  return ring;
};
const content = (ring: Ring) =>
  Array.from({ length: ring.length }, (_, index) => [ring.time(index), ring.value(index)]);

test("Ring keeps the last samples of as many as it is given, and no more memory than they take", () => {
  for (const count of [0, 1, 1023, 1024, 1025, 2999, 3001, 10_007]) {
    const ring = filled(count, 3001);
    const first = Math.max(0, count - 3001);
    expect(content(ring)).toEqual(Array.from({ length: count - first }, (_, i) => [10 * (first + i), first + i]));
    expect(ring.byteLength).toBeLessThanOrEqual(16 * 3001);
  }
});

test("Ring leaves out what is not later than the last sample", () => {
  const ring = filled(3, 7);
  expect([ring.push(20, 99), ring.push(15, 99), ring.push(Number.NaN, 99), ring.push(21, 4)]).toEqual([
    false,
    false,
    false,
    true,
  ]);
  expect(ring.length).toBe(4);
});

test("Ring finds a moment, and forgets what was before it, also once it has come round", () => {
  const ring = filled(2011, 1201);
  expect([ring.firstFrom(0), ring.firstFrom(8100), ring.firstFrom(8101), ring.firstFrom(1e9)]).toEqual([0, 0, 1, 1201]);
  ring.dropBefore(20_001);
  expect(content(ring)).toEqual(Array.from({ length: 10 }, (_, i) => [20_010 + 10 * i, 2001 + i]));
  for (let index = 0; index < 1201; index++) ring.push(30_000 + index, index);
  expect([ring.length, ring.time(0), ring.time(1200)]).toEqual([1201, 30_000, 31_200]);
});

test("thinned() draws at most three points a pixel and loses neither the highest nor the lowest value", () => {
  const ring = filled(50_021, 60_000, (index) => (index === 31_337 ? 1e9 : index === 17_011 ? -5 : index % 7));
  const { times, values } = thinned(ring, [0, 500_210], 211, 1000);
  expect(values.length).toBeLessThanOrEqual(3 * 213);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.max(...(values as number[]))).toBe(1e9);
  expect(Math.min(...(values as number[]))).toBe(-5);
  expect(times[values.indexOf(1e9)]).toBe(313_370);
});

test("thinned() reaches one sample beyond either edge, and draws no line over a time of which nothing is known", () => {
  const ring = new Ring(100);
  for (const time of [0, 10, 20, 100, 110, 120]) ring.push(time, time + 1);
  expect(thinned(ring, [5, 105], 1000, 30)).toEqual({
    times: [0, 10, 20, 20, 100, 110],
    values: [1, 11, 21, null, 101, 111],
  });
  expect(thinned(ring, [200, 300], 10, 30)).toEqual({ times: [120], values: [121] });
  expect(thinned(new Ring(5), [0, 1], 10, 30)).toEqual({ times: [], values: [] });
});

test("highest() is the largest value of a part, if it has any", () => {
  const ring = filled(101, 200, (index) => 7 - (index - 50) ** 2);
  expect([highest(ring, [0, 2000]), highest(ring, [600, 700]), highest(ring, [5000, 6000])]).toEqual([
    7,
    -93,
    undefined,
  ]);
});
