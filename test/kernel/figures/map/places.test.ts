import { nameOf, shownAt, stepsOf } from "bestrq/figures/map/places";
import { expect, test } from "vitest";

const named = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `head ${index + 1}` }));
const at = (mixer: string, layer: number, head: string, checkpoint = 0) => ({
  name: "",
  at: { mixer, layer, head, checkpoint },
});
const panels = [
  at("mhsa", 0, "head 1"),
  at("mhsa", 0, "head 2"),
  at("mhsa", 3, "head 1"),
  at("mhsa", 3, "head 2"),
  at("mamba", 0, "both directions"),
  at("mamba", 3, "both directions"),
  at("mamba", 3, "both directions", 500),
];

test("a few maps without places are seen at once, many one at a time", () => {
  expect(shownAt(named(6), {})).toEqual([0, 1, 2, 3, 4, 5]);
  expect(stepsOf(named(6))).toEqual([]);
  expect(shownAt(named(7), { map: 4 })).toEqual([4]);
  expect(stepsOf(named(7))[0]).toMatchObject({ dimension: "map", steps: expect.arrayContaining(["head 7"]) });
});

test("with places, what has several steps is stepped through and mixers stand side by side", () => {
  expect(stepsOf(panels)).toEqual([
    { dimension: "checkpoint", steps: ["step 0", "step 500"] },
    { dimension: "layer", steps: ["layer 0", "layer 3"] },
    { dimension: "head", steps: ["head 1", "head 2"] },
  ]);
  expect(shownAt(panels, {})).toEqual([0, 4]);
  expect(shownAt(panels, { layer: 1, head: 1 })).toEqual([3, 5]);
});

test("a mixer without the chosen checkpoint shows its nearest", () => {
  expect(shownAt(panels, { checkpoint: 1, layer: 1 })).toEqual([2, 6]);
});

test("maps beside others are called by mixer and head", () => {
  expect(nameOf(panels[1])).toBe("mhsa · head 2");
  expect(nameOf({ name: "all" })).toBe("all");
});
