import { ticks, told } from "bestrq/figures/map/ticks";
import { expect, test } from "vitest";

test("ticks() are whole frames at round seconds", () => {
  const found = ticks({ scale: 0.04 }, 101, [0, 101], 8);
  expect(found.map(({ at }) => at)).toEqual([0, 25, 50, 75, 100]);
  expect(found.map(({ text, step }) => `${text} · ${step}`)).toEqual([
    "0 s · 0",
    "1 s · 25",
    "2 s · 50",
    "3 s · 75",
    "4 s · 100",
  ]);
});

test("ticks() of a small part are single frames", () => {
  expect(ticks({ scale: 0.04 }, 101, [51.7, 55.2], 5).map(({ at }) => at)).toEqual([52, 53, 54, 55]);
});

test("ticks() count a few steps from one, in the middle of each", () => {
  const heads = [1, 2, 3].map((head) => ({ at: head - 0.5, text: String(head) }));
  expect(ticks({}, 3, [0, 3], 9)).toEqual(heads);
  expect(ticks({}, 3, [0.9, 3], 9)).toEqual(heads.slice(1));
});

test("told() names a frame and its moment", () => {
  expect(told({ scale: 0.04 }, 101, 37)).toBe("37 (1.48 s)");
  expect(told({}, 80, 37)).toBe("37");
  expect(told({}, 4, 0)).toBe("1");
});
