// Figures saved from JupyterLab: the kernel draws them for the page that is asked for.
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { decode } from "fast-png";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startJupyterLab } from "./jupyterlab";

const source = `import { figures } from "bestrq";
figures.curves({
  title: "Loss",
  x: { label: "step" },
  facets: [
    { y: { label: "loss" }, series: [{ name: "mhsa", x: [1, 2, 3], y: [5, 4, 3.5] }, { name: "mamba", x: [1, 2], y: [5, 3] }] },
    { y: { label: "accuracy" }, series: [{ name: "mhsa", x: [1, 2], y: [0, 1] }], references: [{ name: "chance", y: 0.5 }] },
  ],
  facts: { seed: 7 },
})`;
const others = [
  `figures.table([{ mixer: "mhsa", peak: 1536 }, { mixer: "mamba", peak: 7 }], {
  title: "Peaks", columns: ["mixer", { key: "peak", format: (count) => figures.exactBytes(Number(count)) }] })`,
  `import { profile, tf } from "bestrq";
await profile.device(() => tf.tidy(() => tf.ones([100, 100]).sum().arraySync()))`,
  `await profile.memory(() => tf.tidy(() => tf.ones([10, 10]).sum().arraySync()))`,
  `figures.heatmap({ title: "A map", panels: [{ name: "one", values: [[1, 2], [3, 4]] }],
  x: { label: "key" }, y: { label: "query" }, colourLabel: "weight" })`,
];

let lab: Lab;
let page: Page;
beforeAll(async () => {
  lab = await startJupyterLab({
    "figure.ipynb": {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: "bestrq", display_name: "TypeScript (BEST-RQ)", language: "typescript" } },
      cells: [source, ...others].map((source, index) => {
        return { cell_type: "code", id: `figure${index}`, execution_count: null, metadata: {}, outputs: [], source };
      }),
    },
  });
  page = await lab.open("figure.ipynb", { kernel: true });
  await execute("notebook:run-all-cells");
  await page.locator(".bestrq-lazyFigure").nth(others.length).waitFor({ state: "attached", timeout: 90_000 });
});
afterAll(() => lab?.close());

const execute = (id: string, args: object = {}) =>
  page.evaluate(
    ([id, args]) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: { commands: { execute(id: string, args: object): Promise<unknown> } };
      };
      return jupyterapp.commands.execute(id as string, args as object);
    },
    [id, args] as const,
  );

/** The figure of a cell, scrolled to and drawn. */
async function shown(cell: number): Promise<Locator> {
  const figure = page.locator(".bestrq-lazyFigure").nth(cell);
  await figure.scrollIntoViewIfNeeded();
  await figure.locator(":is([data-points], [data-ready-ms], table)").first().waitFor();
  return figure;
}

async function exported(kind: string, name = "Loss"): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), execute("bestrq:export-figure", { kind })]);
  expect(download.suggestedFilename()).toBe(`${name}.${kind}`);
  return readFile(await download.path());
}

test("curves are drawn by plotly, a plot for each quantity, with what to compare with", async () => {
  const figure = (await shown(0)).locator(".bestrq-figure[data-kind=curves]");
  expect(await figure.locator(".scatterlayer .trace").count()).toBe(3);
  expect(await figure.locator(".shapelayer path").count()).toBe(1);
  expect(await figure.textContent()).toContain("chance");
  expect(await figure.getAttribute("aria-label")).toContain("Loss: loss: mhsa 3.5, mamba 3; accuracy: mhsa 1");
});

test("a figure is exported as SVG, PDF, PNG, Arrow and CSV, for a column of paper, with its facts", async () => {
  await (await shown(0)).locator(".bestrq-figure-title").click();
  expect(String(await exported("svg"))).toMatch(/^<svg [^>]*width="85mm"/);
  expect(String(await exported("pdf"))).toMatch(/^%PDF/);
  expect(decode(await exported("png")).width).toBe(Math.round((85 / 25.4) * 300));
  const { schema, numRows } = tableFromIPC(await exported("arrow"));
  expect(numRows).toBe(7);
  expect(schema.metadata.get("title")).toBe('"Loss"');
  expect(schema.metadata.get("Seed")).toBe('"7"');
  expect(String(await exported("csv"))).toContain("\nloss,mhsa,3,3.5\n");
});

test.each([
  { what: "a table", cell: 1, rows: 2, drawn: "1,536 bytes", written: "\nmhsa,1536\n" },
  { what: "the memory of the machine", cell: 2, rows: 1, drawn: "memory of the process", written: "memory of the process" }, // biome-ignore format: a table
  { what: "a memory trace", cell: 3, rows: 2, drawn: "peak", written: "Sum" },
  { what: "a map", cell: 4, rows: 1, drawn: "weight", written: "one,1,1,4" },
])("$what is exported from the menu of a right click, and in every format", async (expected) => {
  const { cell, rows, drawn, written } = expected;
  await (await shown(cell)).click({ button: "right", position: { x: 4, y: 4 } });
  await page.locator(".lm-Menu-item", { hasText: "Export Figure…" }).click();
  const dialog = page.locator(".jp-Dialog");
  const format = dialog.getByLabel("Format");
  expect(await format.locator("option").allTextContents()).toEqual(["SVG", "PDF", "PNG", "ARROW", "CSV"]);
  await format.selectOption("csv");
  const save = dialog.getByRole("button", { name: "Save" });
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  const name = download.suggestedFilename().replace(/\.csv$/, "");
  const csv = await readFile(await download.path(), "utf8");
  expect(csv).toContain(written);
  expect(csv).toMatch(/^# Machine: /m);
  const svg = String(await exported("svg", name));
  expect(svg).toContain(drawn);
  expect(svg).toMatch(/^<svg [^>]*width="85mm"/);
  expect(String(await exported("pdf", name))).toMatch(/^%PDF/);
  expect(decode(await exported("png", name)).width).toBe(Math.round((85 / 25.4) * 300));
  expect(tableFromIPC(await exported("arrow", name)).numRows).toBeGreaterThanOrEqual(rows);
});

test("the export dialog asks for format, width and fineness, and is used by keyboard alone", async () => {
  await (await shown(0)).locator(".bestrq-figure-title").click();
  const asked = execute("bestrq:export-figure");
  const dialog = page.locator(".jp-Dialog");
  await dialog.getByLabel("Format").selectOption("png");
  await dialog.getByLabel("Width (mm)").fill("100");
  await dialog.getByLabel("Dots per inch").fill("127");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  expect(decode(await readFile(await download.path())).width).toBe(500);
  await asked;
});

test("without a kernel the drawing and the numbers are saved, and a PDF says what it needs", async () => {
  await execute("docmanager:save");
  await page.close();
  await copyFile(join(lab.folder, "figure.ipynb"), join(lab.folder, "saved.ipynb")); // the first has its kernel still
  page = await lab.open("saved.ipynb", { theme: "dark" });
  await (await shown(0)).locator(".bestrq-figure-title").click();
  expect(String(await exported("svg"))).toMatch(/^<svg /);
  expect(tableFromIPC(await exported("arrow")).numRows).toBe(7);
  await execute("bestrq:export-figure", { kind: "pdf" });
  await page.getByText("drawn by the kernel").first().waitFor();
});
