// Every figure on paper, compared with its golden file. After a wanted change: npx vitest -u, and look.
import { bytes, curves, heatmap, memoryTrace, progress, table } from "bestrq/figures";
import { expect, test } from "vitest";
import { expectGolden } from "./golden";
import { attention, formats, memoryEvents } from "./samples";

const frames = { unit: "frame", scale: 0.04 };
const evil = `<script>alert("1")</script> & 'co' ]]> \u0000\u0007`;

const figures = {
  attention: heatmap({
    title: "mhsa, layer 2",
    panels: [0, 1, 2, 3].map((head) => attention(53, head)),
    x: { label: "key", ...frames },
    y: { label: "query", ...frames },
    colourLabel: "attention weight",
  }),
  influence: heatmap({
    title: "mamba, layer 2",
    panels: [
      {
        name: "all channels",
        values: [
          [1, -0.5],
          [Number.NaN, 0.25],
        ],
      },
    ],
    x: { label: "from", unit: "frame" },
    y: { label: "to", unit: "frame" },
    colourLabel: "influence",
    diverging: true,
  }),
  filterbank: heatmap({
    title: "Filterbank",
    panels: [
      {
        name: "a voice",
        values: Float32Array.from({ length: 80 * 211 }, (_, i) => (i % 211) - i / 211),
        shape: [80, 211],
      },
    ],
    x: { label: "time", unit: "frame", scale: 0.01 },
    y: { label: "mel filter", upwards: true },
    colourLabel: "log energy",
  }),
  memory: memoryTrace({ title: "hypermixing, forward and backward", events: memoryEvents(3) }),
  memoryByOp: memoryTrace({ title: "the same by op", events: memoryEvents(3), by: "op" }),
  memoryByKind: memoryTrace({ title: "the same by kind", events: memoryEvents(3), by: "kind" }),
  memoryEmpty: memoryTrace({ title: "nothing", events: [] }),
  curves: curves({
    title: "Pre-training",
    x: { label: "step" },
    facets: [
      {
        y: { label: "loss" },
        series: ["mhsa", "mamba"].map((name, i) => ({ name, x: [0, 10, 20, 30], y: [6, 5 - i, 4 - i / 2, 3.5] })),
      },
      {
        y: { label: "masked accuracy" },
        series: [{ name: "mhsa", x: [0, 10, 20, 30], y: [0.01, 0.03, 0.1, 0.12] }],
        references: [{ name: "chance", y: 1 / 64 }],
      },
    ],
  }),
  curvesEmpty: curves({
    title: "Soon",
    x: { label: "step" },
    y: { label: "loss" },
    series: [{ name: "mhsa", x: [], y: [] }],
  }),
  progress: progress({ title: "mhsa", done: 12, total: 60, seconds: 31.5, note: "loss 5.32" }),
};

test.each(Object.keys(figures) as (keyof typeof figures)[])("%s is drawn as its golden file", async (name) => {
  const { "image/svg+xml": svg, "text/plain": text } = formats(figures[name]);
  expect(text).toMatchSnapshot();
  await expectGolden(name, svg);
});

test("a table is drawn as its golden file", async () => {
  const rows = [
    { mixer: "mhsa", parameters: 1234567, seconds: 0.123456, peak: 1_288_490_189 },
    { mixer: "summarymixing", parameters: 89, seconds: 1, peak: 7 },
  ];
  const peak = { key: "peak", label: "peak & more", format: (count: unknown) => bytes(Number(count)) };
  const svg = await table(rows, { title: "Two mixers", columns: ["mixer", "parameters", "seconds", peak] }).svg();
  await expectGolden("table", svg);
});

test("figures are drawn the same twice, data included", () => {
  const again = memoryTrace({ title: "hypermixing, forward and backward", events: memoryEvents(3) });
  expect(formats(again)).toEqual(formats(figures.memory));
});

test("figures have a title and a description for who cannot see them", () => {
  for (const figure of Object.values(figures)) {
    const svg = formats(figure)["image/svg+xml"];
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*><title>[^<]+<\/title><desc>[^<]+<\/desc>/);
  }
});

test("figures let no markup out of the data", () => {
  const axis = { label: evil };
  const drawn = [
    heatmap({ title: evil, panels: [{ name: evil, values: [[1]] }], x: axis, y: axis, colourLabel: evil }),
    memoryTrace({
      title: evil,
      events: memoryEvents(1).map((event, i) => ({ ...event, layer: evil, phase: `${evil} ${i > 9}`, op: evil })),
    }),
    curves({
      title: evil,
      x: axis,
      y: axis,
      series: [{ name: evil, x: [1], y: [1] }],
      references: [{ name: evil, y: 0 }],
    }),
    progress({ title: evil, done: 1, total: 2, note: evil }),
  ];
  for (const figure of drawn) {
    const svg = formats(figure)["image/svg+xml"];
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&lt;script&gt;");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(svg).not.toMatch(/[\u0000-\u0008]/);
    expect(svg.replace(/&(amp|lt|gt|quot|apos|nbsp|#\d+);/g, "")).not.toContain("&");
  }
});

test("table() lets no markup out of the data", () => {
  const markdown = formats(table([{ [evil]: "<img src=x onerror=y> | $x$ *b* [a](http://b.c) www.b.c `q`\n# h" }]))[
    "text/markdown"
  ];
  expect(markdown.replace(/^\| | \|$|:---/gm, "")).not.toMatch(/[<>|$*[\]`#](?!\d+;)|\/\/|www\./);
  expect(markdown.split("\n")).toHaveLength(3);
});

test("table() aligns numbers and writes columns as asked", () => {
  const rows = [
    { mixer: "mhsa", parameters: 1234567, seconds: 0.123456 },
    { mixer: "mamba", parameters: 89, seconds: 1 },
  ];
  const columns = ["mixer", "parameters", { key: "seconds", label: "time", format: (s: unknown) => `${s} s` }];
  const { "text/markdown": markdown, "text/plain": plain } = formats(table(rows, { columns }));
  expect({ "text/markdown": markdown, "text/plain": plain }).toMatchInlineSnapshot(`
    {
      "text/markdown": "| mixer | parameters | time |
    | :--- | ---: | ---: |
    | mhsa | 1,234,567 | 0.123456 s |
    | mamba | 89 | 1 s |",
      "text/plain": "mixer  parameters        time
    ─────  ──────────  ──────────
    mhsa    1,234,567  0.123456 s
    mamba          89         1 s",
    }
  `);
});

test("figures refuse what they cannot draw, saying why", () => {
  const axis = { label: "x" };
  const map = (values: number[], shape?: number[]) =>
    heatmap({ title: "t", panels: [{ name: "p", values, shape }], x: axis, y: axis, colourLabel: "c" });
  expect(() => map([1, 2, 3], [2, 2])).toThrow('Cannot draw the map "p": its values must fill the shape');
  expect(() => map([1, 2, 3])).toThrow(RangeError);
  expect(() => map([], [0, 0])).toThrow(RangeError);
  expect(() => heatmap({ title: "t", panels: [], x: axis, y: axis, colourLabel: "c" })).toThrow("at least one panel");
  expect(() => memoryTrace({ title: "t" })).toThrow(TypeError);
  const uneven = [{ name: "s", x: [1], y: [] }];
  expect(() => curves({ title: "t", x: axis, y: axis, series: uneven })).toThrow("each x needs one y, got 1 x and 0 y");
});
