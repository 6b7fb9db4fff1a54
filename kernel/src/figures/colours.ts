// Colours that stay apart for colour-blind readers, on light and on dark paper. Also used by the extension.

/** One fixed colour per mixer, in every figure (the Okabe-Ito palette). */
export const mixerColours: Readonly<Record<string, string>> = {
  mhsa: "#0072b2",
  hypermixing: "#e69f00",
  fastformer: "#009e73",
  summarymixing: "#d55e00",
  mamba: "#cc79a7",
};

/** For parts stacked on each other: neighbours differ in lightness as well as in hue. */
const stackColours: readonly string[] = [
  "#0072b2",
  "#f0c36a",
  "#009e73",
  "#e39cc0",
  "#5b4b9a",
  "#7fc7ee",
  "#c4501b",
  "#a8d5a2",
  "#8a3b6f",
  "#e9a079",
  "#2f6f6f",
  "#b9b4e0",
];

/** What memory is for, in every figure. */
const kindColours: Readonly<Record<string, string>> = {
  parameters: "#0072b2",
  optimizer: "#7fc7ee",
  gradients: "#f0c36a",
  activations: "#009e73",
  workspace: "#e39cc0",
};

/** For what is not a part of its own: memory held before the trace, and everything small together. */
const neutralColours = { before: "#aeb6bf", other: "#7d8590" } as const;

/** The colour of each series of a stack: kinds of memory have their own, other parts take the palette in turn. */
export function stackedColours(series: readonly { name: string; kind: "before" | "part" | "other" }[]): string[] {
  let part = 0;
  return series.map(({ name, kind }) =>
    kind === "part" ? (kindColours[name] ?? stackColours[part++ % stackColours.length]) : neutralColours[kind],
  );
}

/** The colour of the series `name`: the mixer's own if it is one, else the next of the palette. */
export function seriesColour(name: string, index: number): string {
  const known = Object.keys(mixerColours).find((mixer) =>
    name
      .toLowerCase()
      .split(/[^a-z]+/)
      .includes(mixer),
  );
  return known ? mixerColours[known] : Object.values(mixerColours)[index % 5];
}
