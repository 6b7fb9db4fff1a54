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

/** Colours of the numbers of a map, in 33 even steps from its low to its high end; colour-blind readers can tell them apart. */
const mapColours = {
  viridis:
    "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d33638d2f6b8e2c728e297a8e26828e23898e21918c1f988b1fa08822a78528ae8032b67a3fbc734ec36b5ec96270cf5784d44b98d83eaddc30c2df23d8e219ece51bfde725",
  cividis:
    "00205100265d012b6508316911366c1c3c6e26426e31476e3c4d6e47536d51586e5a5e6e62646f6a6a707270717976737f7c758682768c8877938e789a9478a19b78a9a177b2a874bbaf71c5b66dcebd68d8c462e2cb5cebd355f3da4ffae249fdea45",
  grey: "ffffff000000",
  "blue to red":
    "0530610e417817518e2061a02a71ae367fb8448ec1569dc86bacd082bad898c7dfadd2e5bfdcebd0e4efdeebf2e9eff2f2efeef7ece5fae4d8fbd9c7faccb4f7bca0f3aa8cec977ae48268db6d59d1574bc6413fb82d35a81d2d9411277e082367001f",
  "orange to purple":
    "7f3b088f44079f4e07af5808be630bcc7010d97e1ae48d29ee9d3df5ad55fabb6efcc987fdd5a0fcdfb8fbe7cdf8eddef3eeeaecebefe3e4eed9d9eacecde4c2bfdcb5b0d4a8a0ca998ebf8a7cb37b67a86d529c5f3d8f522a81461a70390c5e2d004b",
} as const;

export type MapColours = keyof typeof mapColours;

/** The colours to choose from, the usual one first. */
export const mapColoursFor = (diverging: boolean): readonly MapColours[] =>
  diverging ? ["blue to red", "orange to purple"] : ["viridis", "cividis", "grey"];

/** The colour at `place`, 0 to 1, as red, green and blue from 0 to 255. */
export function mapColour(name: MapColours, place: number): [number, number, number] {
  const steps = mapColours[name];
  const last = steps.length / 6 - 1;
  const step = Math.min(last - 1, Math.floor(place * last));
  const [from, to] = [step, step + 1].map((at) => Number.parseInt(steps.slice(6 * at, 6 * at + 6), 16));
  const share = place * last - step;
  const mixed = (shift: number) => {
    const [one, other] = [(from >> shift) & 255, (to >> shift) & 255];
    return Math.round(one + (other - one) * share);
  };
  return [mixed(16), mixed(8), mixed(0)];
}
