// The start notebook as a user has it: run from top to bottom in JupyterLab, in a real browser, saved, opened again.
import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startJupyterLab } from "../extension/jupyterlab";

const root = fileURLToPath(new URL("../..", import.meta.url));
const mixers = ["mhsa", "hypermixing", "fastformer", "summarymixing", "mamba"];

interface Output {
  output_type: string;
  data?: Record<string, string | string[]>;
}
interface Cell {
  cell_type: string;
  execution_count?: number;
  source: string | string[];
  outputs?: Output[];
}

let lab: Lab;
beforeAll(async () => {
  const notebook = JSON.parse(await readFile(join(root, "notebooks", "00-start-here.ipynb"), "utf8"));
  lab = await startJupyterLab({ "start.ipynb": notebook });
  cpSync(join(root, "data", "speech"), join(lab.folder, "..", "data", "speech"), { recursive: true });
});
afterAll(() => lab?.close());

const command = (page: Page, name: string) =>
  page.evaluate((id) => {
    const { jupyterapp } = window as unknown as { jupyterapp: { commands: { execute(id: string): Promise<unknown> } } };
    return jupyterapp.commands.execute(id);
  }, name);

/** What the figures of the page say of themselves, once all that are wanted have been drawn. */
async function figuresOf(page: Page, count: number): Promise<Record<string, string>[]> {
  const drawn = page.locator(".bestrq-figure[data-panels], .bestrq-figure[data-live=false][data-points]");
  const places = page.locator(".bestrq-lazyFigure");
  // Figures are drawn when they come near what is seen.
  const shown = async () => {
    for (const place of await places.all()) await place.evaluate((node) => node.scrollIntoView({ block: "center" }));
    return drawn.count();
  };
  await expect.poll(shown, { timeout: 100_000, interval: 500 }).toBe(count);
  // Maps are drawn when they come into sight.
  for (const map of await page.locator(".bestrq-figure[data-kind=map]").all()) {
    await map.scrollIntoViewIfNeeded();
    await expect.poll(() => map.getAttribute("data-ready-ms"), { timeout: 30_000 }).not.toBeNull();
  }
  return page.$$eval(".bestrq-figure", (figures) =>
    figures.map((figure) => ({
      ...(figure as HTMLElement).dataset,
      heatmaps: String(figure.querySelectorAll(".bestrq-map-surface").length),
      areas: String(figure.querySelectorAll(".scatterlayer .trace").length),
    })),
  ) as Promise<Record<string, string>[]>;
}

/** Filterbank, five maps, five traces and the live one, each really drawn. */
function check(figures: Record<string, string>[]): void {
  const [filterbank, ...maps] = figures.filter(({ kind }) => kind === "map");
  expect(filterbank).toMatchObject({ rows: "80", columns: "357", heatmaps: "1" });
  expect(maps).toHaveLength(mixers.length);
  for (const map of maps) expect(map).toMatchObject({ rows: "90", columns: "90", heatmaps: map.panels });
  expect(maps.map(({ panels }) => panels)).toEqual(["4", "4", "4", "1", "1"]);
  const traces = figures.filter(({ kind }) => kind === "memory");
  expect(traces).toHaveLength(mixers.length + 1);
  for (const { points, events, peak, areas } of traces) {
    expect(Number(points)).toBeGreaterThan(100);
    expect(Number(events)).toBeGreaterThan(1000);
    expect(Number(peak)).toBeGreaterThan(10e6);
    expect(Number(areas)).toBeGreaterThan(5);
  }
}

test("the start notebook runs to its end in JupyterLab, its live trace grows, and all its figures are drawn", async () => {
  const page = await lab.open("start.ipynb", { kernel: true });
  page.setDefaultTimeout(600_000);
  const finished = command(page, "notebook:run-all-cells");
  const grown = await page.waitForFunction(() => {
    const kept = window as unknown as { counts?: number[] };
    kept.counts ??= [];
    Array.from(document.querySelectorAll(".bestrq-lazyFigure")).at(-1)?.scrollIntoView(); // the newest; out of sight, none is drawn
    const figure = document.querySelector<HTMLElement>(".bestrq-figure[data-live=true][data-points]");
    const count = Number(figure?.dataset.events ?? 0);
    if (count > (kept.counts.at(-1) ?? 0)) kept.counts.push(count);
    return kept.counts.length >= 2 && kept.counts;
  });
  const counts = (await grown.jsonValue()) as number[];
  expect(counts[1]).toBeGreaterThan(counts[0]);
  expect(await finished, "no cell failed").toBe(true);
  check(await figuresOf(page, 12));
  await command(page, "docmanager:save");
  await page.close();

  const saved = JSON.parse(await readFile(join(lab.folder, "start.ipynb"), "utf8")) as { cells: Cell[] };
  const outputs = saved.cells.flatMap(({ outputs }) => outputs ?? []);
  expect(outputs.filter(({ output_type }) => output_type === "error")).toEqual([]);
  const results = outputs.flatMap(({ data }) =>
    data?.["text/markdown"] ? [[data["text/plain"]].flat().join("")] : [],
  );
  for (const mixer of mixers) expect(results.at(-1)).toContain(mixer);
}, 900_000);

test("the executed notebook shows the same figures when it is opened again, without a kernel", async () => {
  const page = await lab.open("start.ipynb", { theme: "dark" });
  check(await figuresOf(page, 12));
  await page.close();
}, 120_000);

test("the executed notebook shows its figures under nbconvert too", () => {
  const python = join(root, ".venv", "bin", "python");
  const html = execFileSync(python, ["-m", "nbconvert", "--to", "html", "--stdout", join(lab.folder, "start.ipynb")], {
    encoding: "utf8",
    maxBuffer: 64e6,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // Filterbank, progress bar, curves, five maps, five traces, the live trace.
  const pictures = /data-mime-type="image\/svg\+xml"[^>]*>\s*<img [^>]*src="data:image\/svg\+xml;base64,/g;
  expect(html.match(pictures)).toHaveLength(14);
}, 120_000);
