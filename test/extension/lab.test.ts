// The extension's place in JupyterLab, in a real browser: what start-up costs, the memory panel, commands and settings.
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tableFromIPC } from "apache-arrow";
import { heatmap, memoryTrace } from "bestrq/figures";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attention, memoryEvents } from "../kernel/figures/samples";
import { type Lab, startJupyterLab } from "./jupyterlab";
import { executed } from "./notebook";
import { FakeKernel } from "./panel/fakeKernel";

const axis = { label: "frame" };
const map = heatmap({ title: "a map", panels: [attention(53, 0)], x: axis, y: axis, colourLabel: "weight" });
const trace = memoryTrace({ title: "a trace", events: memoryEvents(3) });
const evil = `<img src=x onerror="window.ran=1"><script>window.ran=1</script>`;
const GiB = 2 ** 30;
const speech = fileURLToPath(new URL("../../data/speech", import.meta.url));

let lab: Lab;
beforeAll(async () => {
  lab = await startJupyterLab({ "empty.ipynb": await executed([]), "figures.ipynb": await executed([map, trace]) });
  await cp(speech, join(lab.folder, "data", "speech"), { recursive: true });
});
afterAll(() => lab?.close());

type App = { commands: { execute(command: string, args?: object): Promise<unknown> } };
const execute = (page: Page, command: string, args: object = {}) =>
  page.evaluate(
    async ([command, args]) =>
      void (await (window as unknown as { jupyterapp: App }).jupyterapp.commands.execute(command, args)),
    [command, args] as const,
  );

const series = (name: string, group: string, more: object = {}) => ({
  ...{ name, label: name, unit: "bytes", group },
  ...{ what: `what ${name} measures`, resolution: `how finely ${name} is measured` },
  ...more,
});
const described = {
  series: [series("rss", "process"), series("vram", "device", { limit: 16 * GiB })],
  notes: ["no MIG here"],
};
/** Samples of a minute that ends at `endMs`, twenty a second. */
const minute = (endMs: number) =>
  ["rss", "vram"].map((name) => {
    const timesMs = Float64Array.from({ length: 1200 }, (_, index) => endMs - 60_000 + 50 * index);
    return { series: name, timesMs, values: timesMs.map((time) => GiB * (1 + ((time / 50) % 601) / 601)) };
  });

/** A notebook whose kernel reports what the test says, beside the panel. */
async function panelOn(notebook: string) {
  const page = await lab.open(notebook);
  const kernel = await FakeKernel.in(page);
  await execute(page, "bestrq:open-memory-panel");
  await kernel.asked();
  const view = page.locator(".bestrq-memoryView");
  const plot = view.locator(".bestrq-panel-plot");
  const told = async (name: string) => Number(await plot.getAttribute(`data-${name}`));
  return { page, kernel, view, plot, told };
}

test("start-up fetches one file of less than 50 kB, and no figure, plot or table", async () => {
  const page = await lab.open("empty.ipynb");
  const fetched = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => name.includes("bestrq-labextension"))
      .map(({ name, decodedBodySize }) => ({ name: new URL(name).pathname.split("/").at(-1), decodedBodySize })),
  );
  expect(fetched.map(({ name }) => name)).toEqual([expect.stringMatching(/^remoteEntry\..*\.js$/)]);
  expect(fetched[0].decodedBodySize).toBeLessThan(50_000);
  await page.close();
});

test("the palette and the launcher offer the commands, and JupyterLab the settings", async () => {
  const page = await lab.open("empty.ipynb");
  await execute(page, "launcher:create");
  const cards = page.locator(".jp-LauncherCard[data-category='BEST-RQ']");
  await expect.poll(() => cards.allTextContents()).toEqual(["New experiment", "Memory panel"]);
  // The palette closes when something else takes the focus, as the launcher does once it is there.
  const offered = async () => {
    await execute(page, "apputils:activate-command-palette");
    return page.locator("[data-command^='bestrq:'] .lm-CommandPalette-itemLabel").allTextContents();
  };
  await expect.poll(offered).toEqual(["Export Figure…", "New Experiment Notebook", "Open the Memory Panel"]);
  const settings = await page.evaluate(async () => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: { serviceManager: { settings: { fetch(id: string): Promise<{ schema: { properties: object } }> } } };
    };
    const { schema } = await jupyterapp.serviceManager.settings.fetch("bestrq-labextension:plugin");
    return Object.keys(schema.properties);
  });
  expect(settings).toEqual(expect.arrayContaining(["samplingInterval", "history", "colourScale", "paperWidth"]));
  await page.close();
});

test("the panel draws each group of series by itself, marks the cells, and says what each series measures", async () => {
  const { page, kernel, view, plot, told } = await panelOn("empty.ipynb");
  const end = Date.now();
  await kernel.send(described);
  await kernel.send({}, minute(end));
  await kernel.send({ cell: { msg_id: "a", execution_count: 7, start_ms: end - 40_000, end_ms: end - 20_000 } });
  await kernel.send({ cell: { msg_id: "b", execution_count: 8, start_ms: end - 10_000 } });
  await expect.poll(() => told("cells")).toBe(2);
  expect(await told("plots")).toBe(2);
  expect(await told("points")).toBeGreaterThan(300);
  expect(await plot.locator(".annotation-text").allTextContents()).toEqual(
    expect.arrayContaining(["Device memory", "Process memory", "[7]", "[8]"]),
  );
  const rows = view.locator(".bestrq-legend-row");
  expect(await rows.nth(0).textContent()).toContain("of 16.0 GiB");
  await rows.nth(1).locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => rows.nth(1).locator("p").isVisible()).toBe(true);
  expect(await rows.nth(1).locator("p span").allTextContents()).toEqual([
    "what rss measures",
    "how finely rss is measured",
  ]);
  expect(await view.textContent()).toContain("no MIG here");
  expect(await plot.getAttribute("aria-label")).toMatch(/^Memory over 1 min.*vram: at most 2.0 GiB; rss: at most/);

  // By keyboard alone: a series, pause, earlier, closer, and back to the newest.
  await view.getByRole("checkbox", { name: "vram" }).focus();
  await page.keyboard.press("Space");
  await expect.poll(() => told("plots")).toBe(1);
  await plot.focus();
  await page.keyboard.press("Space");
  await view.getByRole("button", { name: "Resume" }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("+");
  await expect.poll(() => plot.getAttribute("aria-label")).toMatch(/^Memory over (29|30) s/);
  await page.keyboard.press("End");
  await view.getByRole("button", { name: "Pause" }).waitFor();

  await page.mouse.move(0, 0);
  const box = (await plot.locator(".nsewdrag").boundingBox())!;
  await page.mouse.move(box.x + 0.3 * box.width, box.y + 20);
  await expect
    .poll(() => view.locator(".bestrq-figure-tooltip").textContent())
    .toMatch(/^\d+:\d+:\d+.*\nrss +(1\.\d|2\.0) GiB/);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await view.getByRole("button", { name: "Resume" }).waitFor();

  // As it was left.
  await page.waitForTimeout(1500);
  await page.reload();
  await page.waitForFunction(() => "jupyterapp" in window);
  await view.waitFor();
  expect(await view.isVisible()).toBe(true);
  await page.close();
});

test("after a reload the panel has the series, the span and the rate that were chosen", async () => {
  const { page, kernel, view, told } = await panelOn("empty.ipynb");
  const choose = (settings: object) =>
    page.evaluate(async (raw) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: { serviceManager: { settings: { save(id: string, raw: string): Promise<void> } } };
      };
      await jupyterapp.serviceManager.settings.save("bestrq-labextension:plugin", raw);
    }, JSON.stringify(settings));
  await kernel.send(described);
  await kernel.send({}, minute(Date.now()));
  await view.getByRole("checkbox", { name: "vram" }).uncheck();
  await view.getByRole("combobox").selectOption("900000");
  await expect.poll(() => told("plots")).toBe(1);
  await choose({ samplingInterval: 250 });
  await page.waitForTimeout(1500); // JupyterLab keeps its state a moment later
  await page.reload();
  await page.waitForSelector(".jp-NotebookPanel .jp-Cell");
  await view.waitFor();
  const again = await FakeKernel.in(page);
  await again.asked();
  await expect.poll(async () => (await again.requests()).at(-1)).toEqual({ interval_ms: 250 });
  await again.send(described);
  await again.send({}, minute(Date.now()));
  await expect.poll(() => told("plots")).toBe(1);
  expect(await view.getByRole("checkbox", { name: "vram" }).isChecked()).toBe(false);
  expect(await view.getByRole("checkbox", { name: "rss" }).isChecked()).toBe(true);
  expect(await view.getByRole("combobox").inputValue()).toBe("900000");
  await choose({});
  await page.close();
});

test("the panel saves CSV, Arrow and SVG", async () => {
  const { page, kernel, view, told } = await panelOn("empty.ipynb");
  await kernel.send(described);
  await kernel.send({}, minute(Date.now()));
  await expect.poll(() => told("plots")).toBe(2);
  const saved = async (name: string) => {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      view.getByRole("button", { name, exact: true }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(new RegExp(`^memory-empty-.*\\.${name.toLowerCase()}$`));
    return readFile(await file.path());
  };
  expect((await saved("CSV")).toString().split("\n").length).toBe(2 * 1200 + 2);
  expect(tableFromIPC(await saved("Arrow")).numRows).toBe(2 * 1200);
  const svg = (await saved("SVG")).toString();
  expect(svg).toMatch(/^<svg[^>]*width="85mm"/);
  expect(svg).toContain(">Device memory</text>");
  await page.close();
});

test("an hour at twenty samples a second is kept up with, and neither heap nor drawing grow in the next", async () => {
  const { page, kernel, told } = await panelOn("empty.ipynb");
  const devtools = await page.context().newCDPSession(page);
  const heap = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")) as { usedSize: number; backingStorageSize?: number };
  };
  const start = Date.now() - 2 * 3_600_000;
  await kernel.send(described);
  const anHour = async (hour: number) => {
    for (let first = 60 * hour; first < 60 * hour + 60; first += 10) {
      const minutes = Array.from({ length: 10 }, (_, index) => {
        const [count, from] = [first + index, start + (first + index) * 60_000];
        const cell = { msg_id: `${count}`, execution_count: count, start_ms: from, end_ms: from + 30_000 };
        return [{ data: {}, samples: minute(from + 60_000) }, { data: { cell } }];
      });
      await kernel.sendAll(minutes.flat());
    }
  };
  await anHour(0);
  await page.locator(".bestrq-memoryView select").selectOption("3600000");
  await expect.poll(() => told("cells")).toBeGreaterThan(50);
  const [first, points] = [await heap(), await told("points")];
  expect(points).toBeLessThan(2 * 3 * 300);
  await anHour(1);
  await page.waitForTimeout(1000);
  const second = await heap();
  expect(await told("points")).toBeLessThan(2 * 3 * 300);
  const size = ({ usedSize, backingStorageSize = 0 }: typeof first) => usedSize + backingStorageSize;
  expect(size(second) - size(first)).toBeLessThan(4 * 2 ** 20);
  await page.close();
});

test("the panel says how it stands with a kernel that is foreign, dead or broken, and runs nothing that it sends", async () => {
  const { page, kernel, view } = await panelOn("empty.ipynb");
  await kernel.send({ series: [series(evil, "process", { label: evil, what: evil })], notes: [evil] });
  await kernel.send({}, [{ series: evil, timesMs: [Date.now()], values: [GiB] }]);
  await kernel.send({ cell: { msg_id: evil, execution_count: evil, start_ms: Date.now() - 5000 } });
  await expect.poll(() => view.locator(".bestrq-legend-label").textContent()).toBe(evil);
  await kernel.become("busy");
  await expect.poll(() => view.getAttribute("data-standing")).toBe("live");
  await kernel.send({}, Buffer.from(evil));
  await expect
    .poll(() => view.getByRole("status").first().textContent())
    .toContain("cannot be read: its samples are not an Arrow IPC stream");
  await kernel.become("dead");
  await expect.poll(() => view.getByRole("status").first().textContent()).toContain("has died");
  expect(await view.getByRole("button", { name: "Restart kernel…" }).count()).toBe(1);
  await FakeKernel.in(page, "ipython");
  await expect
    .poll(() => view.getByRole("status").first().textContent())
    .toContain("Python 3 does not report its memory");
  expect(await view.locator("script, img, a[href]").count()).toBe(0);
  expect(await page.evaluate(() => "ran" in window)).toBe(false);
  await page.close();
});

test("a hidden panel asks for fewer samples, and a setting changes their rate", async () => {
  const { page, kernel, view } = await panelOn("empty.ipynb");
  await view.waitFor();
  await expect.poll(() => kernel.requests()).toEqual([{ interval_ms: 100 }]);
  await execute(page, "application:toggle-right-area");
  await expect.poll(() => kernel.requests()).toEqual([{ interval_ms: 100 }, { interval_ms: 1000 }]);
  await execute(page, "bestrq:open-memory-panel");
  await expect.poll(async () => (await kernel.requests()).at(-1)).toEqual({ interval_ms: 100 });
  await page.close();
});

test("“Export Figure…” saves the figure that was used last", async () => {
  const page = await lab.open("figures.ipynb");
  const figures = page.locator(".bestrq-lazyFigure");
  await page.waitForSelector(".bestrq-figure[data-kind=memory][data-points]");
  await figures.nth(1).locator(".bestrq-figure-title").click();
  const saved = async (kind: string) => {
    const [file] = await Promise.all([page.waitForEvent("download"), execute(page, "bestrq:export-figure", { kind })]);
    return readFile(await file.path());
  };
  expect((await saved("svg")).toString()).toContain("a trace");
  await execute(page, "bestrq:export-figure", { kind: "xyz" });
  await page
    .getByText(/not as xyz/)
    .first()
    .waitFor();
  await page.close();
});

test("a new experiment runs as it is, while the panel shows the memory of its kernel", async () => {
  const page = await lab.open("empty.ipynb");
  await execute(page, "bestrq:open-memory-panel");
  await execute(page, "bestrq:new-experiment", { cwd: "" });
  const view = page.locator(".bestrq-memoryView");
  await expect.poll(() => view.getAttribute("data-standing"), { timeout: 30_000 }).toBe("live");
  await expect.poll(() => view.locator("h2").textContent()).toBe("experiment.ipynb · TypeScript (BEST-RQ)");
  await execute(page, "notebook:run-all-cells");
  const notebook = page.locator(".jp-NotebookPanel:visible");
  const wait = { timeout: 120_000 };
  await expect.poll(() => notebook.locator(".jp-CodeCell .jp-InputPrompt").last().textContent(), wait).toBe("[6]:");
  expect(await notebook.locator("[data-mime-type='application/vnd.jupyter.error']").allTextContents()).toEqual([]);
  const figures = notebook.locator(".bestrq-lazyFigure");
  expect(await figures.count()).toBeGreaterThan(2);
  for (const figure of await figures.all()) {
    await figure.scrollIntoViewIfNeeded(); // out of sight, it is not drawn
    await figure.locator(":is(.bestrq-figure, .bestrq-audio, table)").first().waitFor();
  }
  await expect
    .poll(async () => Number(await view.locator(".bestrq-panel-plot").getAttribute("data-cells")))
    .toBeGreaterThan(2);
  await page.close();
}, 180_000);
