// The extension in a real JupyterLab and a real browser, with notebooks as a kernel would have left them.
import { heatmap, mapMimeType, memoryTrace } from "bestrq/figures";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attention, formats, memoryEvents } from "../kernel/figures/samples";
import { type Lab, startJupyterLab } from "./jupyterlab";
import { executed } from "./notebook";

const memoryType = "application/vnd.bestrq.memory.v1+arrow";
const evil = `<img src=x onerror="window.ran=1"><script>window.ran=1</script><a href="javascript:window.ran=1">x</a>`;

const frames = { unit: "frame", scale: 0.04 };
const map = (count: number, title = "mhsa, layer 2") =>
  heatmap({
    title,
    panels: Array.from({ length: count }, (_, head) => ({
      ...attention(53, head),
      ...(title === evil && { name: evil }),
    })),
    x: { label: title === evil ? evil : "key", ...frames },
    y: { label: title === evil ? evil : "query", ...frames },
    colourLabel: title === evil ? evil : "weight",
  });
const events = memoryEvents(3);
const named = events.map((event) => ({
  ...event,
  layer: `${evil}.${event.layer}`,
  op: evil,
  phase: `${event.phase}${evil}`,
}));

let lab: Lab;
beforeAll(async () => {
  lab = await startJupyterLab({
    "figures.ipynb": await executed([
      map(3),
      memoryTrace({ title: "one step", events }),
      map(8),
      { "audio/wav": silence(), "text/plain": "a voice" },
    ]),
    "evil.ipynb": await executed([
      map(2, evil),
      memoryTrace({ title: evil, events: named }),
      { ...formats(map(1)), [mapMimeType]: evil },
      { [memoryType]: Buffer.from(evil).toString("base64"), "text/plain": evil },
      { [memoryType]: formats(map(1))[mapMimeType], "text/plain": evil },
      { "audio/wav": evil, "text/plain": evil },
    ]),
  });
});
afterAll(() => lab?.close());

/** The figures of a page, once that many are drawn. */
async function drawn(page: Page, kind: string, count: number) {
  const selector = `.bestrq-figure[data-kind="${kind}"]:is([data-points], [data-rows])`;
  await page.waitForFunction(() => document.querySelectorAll(".bestrq-lazyFigure").length >= 4);
  // They are drawn when they are near.
  const figures = await page.locator(".bestrq-lazyFigure").all();
  for (const figure of [...figures, figures[0]]) {
    await figure.scrollIntoViewIfNeeded();
    await page.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen))));
  }
  await page.waitForFunction(([all, n]) => document.querySelectorAll(all).length === n, [selector, count] as const);
  return page.locator(selector);
}

test.each(["light", "dark"] as const)("maps, traces and recordings are drawn in the %s theme", async (theme) => {
  const page = await lab.open("figures.ipynb", { theme });
  const maps = await drawn(page, "map", 2);
  const told = await maps.evaluateAll((nodes) => nodes.map((node) => ({ ...(node as HTMLElement).dataset })));
  expect(told).toMatchObject([
    { rows: "53", columns: "53", panels: "3", shown: "3" },
    { rows: "53", columns: "53", panels: "8", shown: "1" },
  ]);
  await expect.poll(() => maps.first().locator(".bestrq-map-surface").count()).toBe(3);

  const trace = (await drawn(page, "memory", 1)).first();
  expect(await trace.getAttribute("data-points")).toBe(String(events.length));
  expect(await trace.getAttribute("data-peak")).toBe(String(Math.max(...events.map(({ liveBytes }) => liveBytes))));
  expect(await trace.locator(".scatterlayer .trace .js-fill").count()).toBe(12);
  expect(await trace.getAttribute("data-live")).toBe("false");

  const ink = await trace.locator(".xtitle").evaluate((node) => getComputedStyle(node).fill);
  const brightness = Number(/\d+/.exec(ink)![0]);
  expect(theme === "dark" ? 255 - brightness : brightness).toBeLessThan(100);
  expect(await page.locator(".bestrq-audio audio").getAttribute("aria-label")).toBe("a voice");
  await page.close();
});

test("a figure follows the theme, the slider by keyboard and the pointer", async () => {
  const page = await lab.open("figures.ipynb");
  const maps = await drawn(page, "map", 2);
  const picture = () =>
    maps
      .first()
      .locator(".bestrq-map-panel canvas")
      .first()
      .evaluate((node) => (node as HTMLCanvasElement).toDataURL());
  const before = await picture();
  await page.evaluate(() =>
    (
      window as unknown as { jupyterapp: { commands: { execute(name: string, args: object): void } } }
    ).jupyterapp.commands.execute("apputils:change-theme", { theme: "JupyterLab Dark" }),
  );
  await expect.poll(picture).not.toBe(before);

  const slider = maps.nth(1).locator("input[type=range]");
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => maps.nth(1).locator("output").textContent()).toBe("head 3");

  await maps.first().locator(".bestrq-map-surface").first().hover();
  const tooltip = maps.first().locator(".bestrq-figure-tooltip");
  await expect
    .poll(() => tooltip.textContent())
    .toMatch(/^query \d+ \([\d.]+ s\)\nkey \d+ \([\d.]+ s\)\nhead 1 [\d.]+\nhead 2 [\d.]+\nhead 3 [\d.]+$/);
  await page.close();
});

test("a memory trace is stacked by layer, op or kind, as its switch says, by keyboard too", async () => {
  const page = await lab.open("figures.ipynb");
  const trace = (await drawn(page, "memory", 1)).first();
  const legend = () => trace.locator(".legendtext").allTextContents();
  const choice = trace.getByLabel("stacked by");
  expect(await choice.inputValue()).toBe("layer");
  expect(await legend()).toContain("encoder.0.mixer");
  const peak = await trace.getAttribute("data-peak");
  await choice.focus();
  await page.keyboard.press("ArrowDown");
  await expect.poll(legend).toEqual(["MatMulGrad", "MatMul", "held before"]);
  await page.keyboard.press("ArrowDown");
  await expect.poll(legend).toEqual(["activations", "gradients", "held before"]);
  expect(await trace.getAttribute("data-by")).toBe("kind");
  expect(await trace.getAttribute("data-peak")).toBe(peak);
  await page.close();
});

test("markup in the data stays text, and data that cannot be read becomes a message", async () => {
  const page = await lab.open("evil.ipynb");
  await drawn(page, "map", 1);
  await drawn(page, "memory", 1);
  const messages = page.locator(".bestrq-figure-message");
  await expect
    .poll(() => messages.allTextContents())
    .toEqual([
      "This map cannot be shown: its data is not base64.",
      "This memory trace cannot be shown: its data is not an Arrow IPC stream.",
      'This memory trace cannot be shown: its data has no column "time_us".',
    ]);
  const figures = page.locator(".bestrq-figure, .bestrq-audio");
  expect(await figures.locator("script, a[href], img").count()).toBe(0);
  expect(await figures.locator(".bestrq-figure-title").first().textContent()).toBe(evil);
  await page.locator(".bestrq-figure[data-kind=memory] .nsewdrag").first().hover();
  await expect.poll(() => page.locator(".bestrq-figure-tooltip").nth(1).textContent()).toContain(evil);
  expect(await page.evaluate(() => "ran" in window)).toBe(false);
  await page.close();
});

test("figures send nothing anywhere", async () => {
  const page = await lab.open("figures.ipynb");
  await drawn(page, "map", 2);
  await page.locator(".bestrq-map-surface").first().hover();
  const buttons = await page
    .locator(".bestrq-figure .modebar-btn")
    .evaluateAll((all) =>
      all.map((node) => node.getAttribute("data-attr") ?? node.getAttribute("rel") ?? node.getAttribute("data-title")),
    );
  expect(buttons.join()).not.toMatch(/cloud|plotly/i);
  const elsewhere = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .filter((name) => !name.startsWith(location.origin) && /^https?:/.test(name)),
  );
  expect(elsewhere).toEqual([]);
  await page.close();
});

function silence(): string {
  const samples = 1600;
  const wav = Buffer.alloc(44 + 2 * samples);
  wav.write("RIFF");
  wav.writeUInt32LE(36 + 2 * samples, 4);
  wav.write("WAVEfmt ", 8);
  for (const [offset, value] of [
    [16, 16],
    [24, 16000],
    [28, 32000],
  ])
    wav.writeUInt32LE(value, offset);
  for (const [offset, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ])
    wav.writeUInt16LE(value, offset);
  wav.write("data", 36);
  wav.writeUInt32LE(2 * samples, 40);
  return wav.toString("base64");
}
