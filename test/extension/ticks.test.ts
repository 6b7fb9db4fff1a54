import { expect, test } from "vitest";
import { ticks, told } from "../../extension/src/ticks";

test("ticks() are whole frames at round seconds", () => {
  const { tickvals, ticktext } = ticks({ label: "key", scale: 0.04 }, 101, [0, 101], 8);
  expect(tickvals).toEqual([0, 25, 50, 75, 100]);
  expect(ticktext).toEqual(["0 s · 0", "1 s · 25", "2 s · 50", "3 s · 75", "4 s · 100"]);
});

test("ticks() of a small part are single frames, also when the axis runs down", () => {
  expect(ticks({ label: "key", scale: 0.04 }, 101, [55.2, 51.7], 5).tickvals).toEqual([52, 53, 54, 55]);
});

test("ticks() count a few steps from one, in the middle of each", () => {
  expect(ticks({ label: "head" }, 3, [0, 3], 9)).toEqual({ tickvals: [0.5, 1.5, 2.5], ticktext: ["1", "2", "3"] });
});

test("told() names a frame and its moment", () => {
  expect(told({ label: "key", scale: 0.04 }, 37)).toBe("37 (1.48 s)");
  expect(told({ label: "filter" }, 37)).toBe("37");
});
