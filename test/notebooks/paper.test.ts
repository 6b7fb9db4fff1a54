// A notebook with every kind of figure, as nbconvert gives it to LaTeX, to Markdown and as a page.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { curves, displaySymbol, heatmap, memoryTrace, table } from "bestrq/figures";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attention, memoryEvents } from "../kernel/figures/samples";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bestrq-paper-"));
afterAll(() => rmSync(folder, { recursive: true }));

const time = { label: "time", unit: "frame", scale: 0.04 };
const drawn = [
  curves({
    title: "Loss",
    x: { label: "step" },
    y: { label: "loss" },
    series: [{ name: "mhsa", x: [1, 2], y: [5, 4] }],
  }),
  memoryTrace({ title: "Memory", events: memoryEvents(2) }),
  heatmap({ title: "Attention", panels: [attention(29, 0)], x: time, y: time, colourLabel: "weight" }),
];
const results = table([{ mixer: "mamba", accuracy: 0.25 }]);

beforeAll(async () => {
  const outputs = async (figures: typeof drawn) =>
    Promise.all(
      figures.map(async (figure) => ({
        output_type: "display_data",
        metadata: {},
        data: await figure[displaySymbol](),
      })),
    );
  const notebook = async (name: string, figures: typeof drawn) => {
    const cell = {
      cell_type: "code",
      id: "a",
      execution_count: 1,
      metadata: {},
      source: "",
      outputs: await outputs(figures),
    };
    const content = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
    writeFileSync(join(folder, `${name}.ipynb`), JSON.stringify(content));
  };
  await notebook("drawn", drawn);
  await notebook("all", [...drawn, results]);
});

function convert(name: string, to: string): void {
  const python = join(root, ".venv", "bin", "python");
  const args = ["-m", "nbconvert", "--to", to, join(folder, `${name}.ipynb`)];
  execFileSync(python, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], timeout: 110_000 });
}

test("nbconvert gives LaTeX every figure as a PDF, with no Inkscape", () => {
  convert("drawn", "latex"); // a table is Markdown, for which nbconvert wants pandoc
  const tex = readFileSync(join(folder, "drawn.tex"), "utf8");
  const pictures = [...tex.matchAll(/\{(drawn_files\/[^}]*\.pdf)\}/g)].map(([, path]) => path);
  expect(new Set(pictures).size).toBe(drawn.length);
  for (const path of new Set(pictures)) expect(readFileSync(join(folder, path), "latin1")).toMatch(/^%PDF/);
}, 120_000);

test("nbconvert gives Markdown every figure as SVG, and tables as they are", () => {
  convert("all", "markdown");
  const text = readFileSync(join(folder, "all.md"), "utf8");
  const pictures = [...text.matchAll(/!\[[^\]]*\]\(([^)]*\.svg)\)/g)].map(([, path]) => path);
  expect(pictures).toHaveLength(drawn.length);
  for (const path of pictures) expect(existsSync(join(folder, decodeURI(path)))).toBe(true);
  expect(text).toContain("| mamba | 0.25 |");
  expect(readdirSync(join(folder, "all_files"))).toHaveLength(drawn.length);
}, 120_000);
