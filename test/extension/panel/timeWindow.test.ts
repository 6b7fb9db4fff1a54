import { expect, test } from "vitest";
import { TimeWindow } from "../../../extension/src/panel/timeWindow";

const extent = { oldest: 0, newest: 1_000_000 };

test("TimeWindow follows the newest sample, and grows with the record until its span is full", () => {
  const window = new TimeWindow(300_000);
  expect(window.range({ oldest: 990_000, newest: 1_000_000 })).toEqual([985_000, 1_000_000]);
  expect(window.range({ oldest: 900_000, newest: 1_000_000 })).toEqual([900_000, 1_000_000]);
  expect(window.range(extent)).toEqual([700_000, 1_000_000]);
});

test("TimeWindow stands still while it is paused, and follows again", () => {
  const window = new TimeWindow(300_000);
  window.pause(extent);
  expect([window.follows, window.range({ oldest: 0, newest: 2e6 })]).toEqual([false, [700_000, 1_000_000]]);
  window.resume();
  expect(window.range({ oldest: 0, newest: 2e6 })).toEqual([1_700_000, 2_000_000]);
});

test("TimeWindow goes on following where what is shown reaches the newest sample, else it stands still", () => {
  const window = new TimeWindow(300_000);
  window.show([900_000, 1_000_000], extent);
  expect([window.follows, window.spanMs]).toEqual([true, 100_000]);
  window.show([200_000, 300_000], extent);
  expect([window.follows, window.range(extent)]).toEqual([false, [200_000, 300_000]]);
});

test("TimeWindow moves by keys: earlier, later until it follows again, closer and wider", () => {
  const window = new TimeWindow(100_000);
  window.pan(-0.5, extent);
  expect([window.follows, window.range(extent)]).toEqual([false, [850_000, 950_000]]);
  window.zoom(2, extent);
  expect(window.range(extent)).toEqual([800_000, 1_000_000]);
  window.pan(0.5, extent);
  expect([window.follows, window.range(extent)]).toEqual([true, [800_000, 1_000_000]]);
  for (let step = 0; step < 30; step++) window.zoom(0.5, extent);
  expect([window.follows, window.spanMs]).toEqual([true, 1000]);
});
