// Map figures on paper, compared with their golden files. After a wanted change: npx vitest -u, and look.
import { heatmap } from "bestrq/figures";
import { expect, test } from "vitest";
import { expectGolden } from "../golden";
import { alone, compared, mixerPanel } from "../maps";
import { awaited } from "../samples";

const figures = {
  mapFiveMixers: compared(101, 2, 2),
  mapOneMixer: alone("mamba", 151),
  mapSameColours: { ...compared(67), sameColours: true, tone: "logarithm" as const },
  mapWeights: {
    ...compared(5),
    title: "Key weights over time",
    panels: [0, 1].map((head) => ({
      ...mixerPanel("mamba", 4 * 67, 0, head),
      at: undefined,
      name: `layer ${head}`,
      shape: [8, 8978],
    })),
    y: { label: "head" },
    along: undefined,
  },
};

test.each(Object.keys(figures) as (keyof typeof figures)[])("%s is drawn as its golden file", async (name) => {
  const { "image/svg+xml": svg, "text/plain": text } = await awaited(heatmap(figures[name]));
  expect(text).toMatchSnapshot();
  await expectGolden(name, svg);
});
