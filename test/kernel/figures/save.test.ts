// Figures as files: the drawing as SVG, PDF and PNG, the numbers as Arrow and CSV, the facts in all of them.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays, tableFromIPC, tableToIPC } from "apache-arrow";
import { curves, type Figure, heatmap, memoryTrace, open, save, table, theme } from "bestrq/figures";
import { converted } from "bestrq/figures/paper/convert";
import { decode } from "fast-png";
import { afterAll, expect, test } from "vitest";
import { attention, memoryEvents } from "./samples";

const folder = mkdtempSync(join(tmpdir(), "bestrq-figures-"));
afterAll(() => rmSync(folder, { recursive: true }));

const facts = { caption: 'Loss of two mixers, "quoted"; Δ < 1 & more', seed: 1000, machine: "a machine" };
const times = (shape: unknown) => (shape as number[]).join(" × ");
const figures: Record<string, Figure> = {
  curves: curves({
    title: "Pre-training, Δ",
    x: { label: "step" },
    facets: [
      { y: { label: "loss" }, series: [{ name: "mhsa", x: [1, 2, 3], y: [5.5, 5.25, 4.75] }] },
      {
        y: { label: "accuracy, %" },
        series: [{ name: "mamba", x: [1], y: [0.5] }],
        references: [{ name: "chance", y: 0.1 }],
      },
    ],
    facts,
  }),
  table: table(
    [
      { mixer: "mamba", peak: 7, shape: [3, 5], ratio: undefined },
      { mixer: 'x,"y"', peak: 11, shape: [7], ratio: 0.5 },
    ],
    {
      columns: ["mixer", { key: "peak", format: (count) => `${count} B` }, { key: "shape", format: times }, "ratio"],
      title: "Peaks",
      facts,
    },
  ),
  memory: memoryTrace({ title: "One step", events: memoryEvents(2), facts }),
  map: heatmap({
    title: "Attention",
    panels: [attention(13, 0), attention(13, 1)],
    x: { label: "key", unit: "frame", scale: 0.04 },
    y: { label: "query", unit: "frame", scale: 0.04 },
    colourLabel: "attention weight",
    facts,
  }),
};
const names = Object.keys(figures);
const saved = async (name: string, ending: string, options = {}) => {
  const path = join(folder, `${name}${ending}`);
  await save(figures[name], path, options);
  return readFileSync(path);
};

test.each(names)("save() writes the figure %s as SVG of the width asked for, with its facts", async (name) => {
  const svg = String(await saved(name, ".svg", theme("paper")));
  expect(svg).toMatch(/^<svg [^>]*width="84mm" viewBox="0 0 317 \d+(\.\d+)?"/);
  expect(svg).toContain('<dc:description>Loss of two mixers, "quoted"; Δ &lt; 1 &amp; more</dc:description>');
  expect(svg).toContain("<dc:source>Seed: 1000</dc:source><dc:source>Machine: a machine</dc:source>");
  expect(svg.replace(/<title>.*<\/metadata>/, "")).not.toContain(`>${figures[name].title}<`); // the caption says it
});

test.each(names)("save() writes the figure %s as a PDF of its size, with letters and facts", async (name) => {
  const pdf = (await saved(name, ".pdf", theme("paper"))).toString("latin1");
  expect(pdf).toMatch(/^%PDF-1\.\d/);
  const [, width] = /\/MediaBox \[0 0 ([\d.]+) [\d.]+\]/.exec(pdf) ?? [];
  expect(Number(width)).toBeCloseTo((84 / 25.4) * 72, 1);
  expect(pdf).toContain("/FontFile2"); // letters stay letters, and come along
  // A text with a letter that PDF's own alphabet lacks is written in 16 bits a letter.
  const utf16 = (text: string) => Buffer.from(text, "utf16le").swap16().toString("latin1");
  for (const text of [figures[name].title, "Seed: 1000"])
    expect(pdf.includes(`(${text}`) || pdf.includes(utf16(text)) || pdf.includes(text)).toBe(true);
});

test.each(names)("save() writes the figure %s as a PNG of the dots asked for, with its facts", async (name) => {
  const png = await saved(name, ".png", { widthMm: 100, dpi: 254 });
  const { width, resolution, data, channels } = decode(png);
  expect(width).toBe(1000);
  expect(resolution).toEqual({ x: 10000, y: 10000, unit: 1 });
  expect(png.includes(Buffer.from('iTXtCaption\0\0\0\0\0Loss of two mixers, "quoted"; Δ < 1'))).toBe(true);
  const colours = new Set<number>();
  for (let i = 0; i < data.length; i += channels) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  expect(colours.size).toBeGreaterThan(20); // letters and lines with soft edges, not an empty page
});

test("save() keeps the edges of a map's cells in a PNG", async () => {
  const values = [
    [0, 1],
    [1, 0],
  ];
  const axis = { label: "x" };
  const map = heatmap({ title: "t", panels: [{ name: "p", values }], x: axis, y: axis, colourLabel: "c" });
  const path = join(folder, "edges.png");
  await save(map, path, { widthMm: 50, dpi: 254 });
  const { width, height, data, channels } = decode(readFileSync(path));
  const colours = new Map<number, number>();
  for (let i = 0; i < data.length; i += channels) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  const [, second, third] = [...colours.values()].sort((a, b) => b - a); // after the paper, the two of the cells
  expect(second + third).toBeGreaterThan(0.15 * width * height);
});

test.each(names)("save() writes the numbers of the figure %s as Arrow and CSV, with its facts", async (name) => {
  const { schema, numRows } = tableFromIPC(await saved(name, ".arrow"));
  expect(numRows).toBeGreaterThan(0);
  expect(JSON.parse(schema.metadata.get("Caption") ?? "")).toBe(facts.caption);
  expect(JSON.parse(schema.metadata.get("Machine") ?? "")).toBe("a machine");
  const lines = String(await saved(name, ".csv"))
    .trimEnd()
    .split("\n");
  const comments = lines.filter((line) => line.startsWith("# "));
  expect(comments).toContain(`# Caption: ${facts.caption}`);
  expect(comments).toContain("# Seed: 1000");
  const [heading, ...rows] = lines.slice(comments.length);
  expect(heading.split(",").length).toBeGreaterThan(1);
  expect(rows.length).toBeGreaterThan(0);
});

test("save() writes every number of curves and quotes what needs it", async () => {
  const lines = String(await saved("curves", ".csv"))
    .trimEnd()
    .split("\n");
  expect(lines.slice(-5)).toEqual([
    "quantity,series,step,value",
    "loss,mhsa,1,5.5",
    "loss,mhsa,2,5.25",
    "loss,mhsa,3,4.75",
    '"accuracy, %",mamba,1,0.5',
  ]);
  expect(String(await saved("table", ".csv"))).toContain('\nmamba,7,"3,5",\n"x,""y""",11,7,0.5\n');
});

test.each(names)("open() gives the figure %s back from its numbers, drawn the same", async (name) => {
  await saved(name, ".arrow");
  const again = await open(join(folder, `${name}.arrow`));
  expect(again.facts).toMatchObject({ ...facts, seed: "1000" });
  expect(await again.svg()).toBe(await figures[name].svg());
});

test("open() refuses what is no figure", async () => {
  const path = join(folder, "other.arrow");
  writeFileSync(path, tableToIPC(tableFromArrays({ a: [1] })));
  await expect(open(path)).rejects.toThrow("Cannot open the figure: its data should be of curves, memory");
});

test("save() gives the same PDF twice where SOURCE_DATE_EPOCH names the time", async () => {
  process.env.SOURCE_DATE_EPOCH = "1000000000";
  try {
    expect(await saved("curves", ".pdf")).toEqual(await saved("curves", ".pdf"));
  } finally {
    delete process.env.SOURCE_DATE_EPOCH;
  }
});

test("save() tells of this machine where nothing else is said", async () => {
  await save(table([{ a: 1 }]), join(folder, "plain.csv"));
  expect(String(readFileSync(join(folder, "plain.csv")))).toMatch(/# Machine: .*threads, \d+ GiB.*Node\.js v/);
});

test("save() replaces a file as a whole and leaves nothing half-written", async () => {
  const path = join(folder, "kept.png");
  writeFileSync(path, "what was there");
  await expect(save(figures.curves, path, { dpi: 1e6 })).rejects.toThrow("Cannot write a PNG");
  expect(String(readFileSync(path))).toBe("what was there");
  await expect(save(figures.curves, join(folder, "absent/figure.svg"))).rejects.toThrow("ENOENT");
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test.each([
  ["figure.gif", {}, 'Cannot save the figure as "figure.gif": the name must end in one of .svg, .pdf'],
  ["figure", {}, 'Cannot save the figure as "figure"'],
  ["figure.svg", { widthMm: 3 }, "its width must be 30 to 2000 mm, got 3"],
  ["figure.svg", { widthMm: Number.NaN }, "its width must be 30 to 2000 mm, got NaN"],
])("save() refuses %s with %o", async (name, options, message) => {
  await expect(save(figures.curves, name, options)).rejects.toThrow(message);
  expect(existsSync(name)).toBe(false);
});

test("theme() says which themes there are", () => {
  expect(() => theme("poster" as "paper")).toThrow('Cannot find the theme "poster": there are screen and paper');
});

test("converted() turns a drawing into PDF and PNG, and takes no picture from elsewhere", async () => {
  const svg = String(await figures.curves.svg());
  expect(String(Buffer.from(await converted(svg, ".pdf")))).toMatch(/^%PDF/);
  expect(decode(await converted(svg, ".png", { widthMm: 50.8, dpi: 100 })).width).toBe(200);
  await expect(converted(svg, ".gif")).rejects.toThrow("there are .pdf and .png");
  await expect(converted("<svg/>", ".pdf")).rejects.toThrow("Cannot tell how large the drawing is");
  const leaking = svg.replace("</desc>", '</desc><image href="file:///etc/hostname" width="9" height="9"/>');
  for (const format of [".pdf", ".png"])
    await expect(converted(leaking, format)).rejects.toThrow('it shows "file:///etc/hostname"');
});
