// Maps in a real JupyterLab and a real browser: what is seen, heard and pressed, and how fast.
import { statSync } from "node:fs";
import { join } from "node:path";
import { heatmap } from "bestrq/figures";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstMap, firstMapType } from "../kernel/figures/firstMap";
import { alone, compared } from "../kernel/figures/maps";
import { attention, awaited } from "../kernel/figures/samples";
import { type Lab, startJupyterLab } from "./jupyterlab";
import { executed } from "./notebook";

const mixers = ["mhsa", "hypermixing", "fastformer", "summarymixing", "mamba"];
const kernelspec = { name: "bestrq", display_name: "TypeScript (BEST-RQ)", language: "typescript" };
const source = `import { figures } from "bestrq";
const side = 1500;
let state = 1;
const values = Float32Array.from({ length: side * side }, () => (state = (state * 16807) % 2147483647) / 2147483647);
figures.heatmap({ title: "live", panels: [{ name: "noise", values, shape: [side, side] }],
  x: { label: "input" }, y: { label: "output" }, colourLabel: "weight" })`;

function older() {
  const { name, values } = attention(53, 0);
  const axis = { label: "frame", scale: 0.04 };
  const facts = { title: "saved before", x: axis, y: axis, colourLabel: "weight" };
  return { [firstMapType]: firstMap([{ name, values: values as Float32Array, rows: 53, columns: 53 }], facts) };
}

let lab: Lab;
beforeAll(async () => {
  const five = await awaited(heatmap(compared(101, 2, 2, [0, 1000])));
  const wide = await awaited(heatmap(compared(250)));
  lab = await startJupyterLab({
    "big.ipynb": await executed([heatmap(alone("mhsa", 2000))]),
    "five.ipynb": await executed([five, older()]),
    "twenty.ipynb": await executed(Array.from({ length: 20 }, () => wide)),
    "live.ipynb": {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec },
      cells: [{ cell_type: "code", id: "live", execution_count: null, metadata: {}, outputs: [], source }],
    },
  });
});
afterAll(() => lab?.close());

const kernel = { shouldStart: false, canStart: false, shutdownOnDispose: true };
const noKernel = { kernel, kernelPreference: kernel };
const beside = { mode: "split-right" };

/** The figures of a page that are in sight, once that many are drawn. */
async function drawn(page: Page, count: number): Promise<Locator> {
  const selector = ".bestrq-figure[data-kind=map][data-ready-ms]";
  await page.waitForFunction(([all, n]) => document.querySelectorAll(all).length >= n, [selector, count] as const);
  return page.locator(selector);
}

const command = (page: Page, id: string, args: object = {}) =>
  page.evaluate(
    ([name, given]) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: { commands: { execute(id: string, args: object): Promise<unknown> } };
      };
      // What a command gives may not leave the page.
      return jupyterapp.commands.execute(name, given).then(() => undefined);
    },
    [id, args] as const,
  );

const data = (figure: Locator, name: string) => figure.getAttribute(`data-${name}`);

/** How many pixels of each panel's upper canvas are not transparent. */
const marked = (figure: Locator) =>
  figure.locator(".bestrq-map-surface").evaluateAll((all) =>
    (all as HTMLCanvasElement[]).map((canvas) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    }),
  );

/** Whether each panel has its picture. */
const painted = (figure: Locator) =>
  figure.locator(".bestrq-map-panel canvas:first-child").evaluateAll((all) =>
    (all as HTMLCanvasElement[]).map((canvas) => {
      const { data } = canvas.getContext("2d")!.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1);
      return data[3] === 255;
    }),
  );

/** Measures up to five times until it is fast enough: what else this machine does at the moment is not in question. */
async function best(name: string, enough: number, measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  while (found.length < 5 && !(Math.min(...found) < enough)) found.push(await measure());
  console.log(`${name}: ${found.map((ms) => ms.toFixed(1)).join(", ")} ms`);
  return Math.min(...found);
}

test("a map of 2,000 x 2,000 is drawn within a second, and pans and zooms with the screen", async () => {
  let page = await lab.open("big.ipynb");
  let figure = (await drawn(page, 1)).first();
  let again = false;
  const first = await best("2,000 x 2,000 drawn after", 1000, async () => {
    if (again) {
      await page.close();
      page = await lab.open("big.ipynb");
      figure = (await drawn(page, 1)).first();
    }
    again = true;
    return Number(await data(figure, "ready-ms"));
  });
  expect(first).toBeLessThan(1000);
  expect(await data(figure, "rows")).toBe("2000");

  const surface = figure.locator(".bestrq-map-surface");
  await surface.focus();
  for (let press = 0; press < 4; press++) await page.keyboard.press("+");
  // Frames as the page counts them, while the pointer drags and while the wheel turns.
  const moving = (kind: "pan" | "zoom") =>
    surface.evaluate(async (node, kind) => {
      const { left, top, width, height } = node.getBoundingClientRect();
      const [x, y] = [left + width * 0.6, top + height * 0.5];
      const send = (type: string, dx: number) =>
        node.dispatchEvent(new PointerEvent(type, { clientX: x + dx, clientY: y + dx / 2, button: 0, pointerId: 1 }));
      const wheel = (deltaY: number) =>
        node.dispatchEvent(
          new WheelEvent("wheel", { clientX: x, clientY: y, deltaY, ctrlKey: true, cancelable: true }),
        );
      (node as HTMLElement).setPointerCapture = () => {};
      const frames: number[] = [];
      let last = await new Promise<number>(requestAnimationFrame);
      if (kind === "pan") send("pointerdown", 0);
      for (let step = 0; step < 60; step++) {
        if (kind === "pan") send("pointermove", 90 * Math.sin(step / 9));
        else wheel(step % 30 < 17 ? -12 : 12);
        const now = await new Promise<number>(requestAnimationFrame);
        frames.push(now - last);
        last = now;
      }
      if (kind === "pan") send("pointercancel", 0);
      return frames.sort((a, b) => a - b);
    }, kind);
  for (const kind of ["pan", "zoom"] as const) {
    const before = await data(figure, "view");
    const median = await best(`frames of the ${kind}`, 17.5, async () => (await moving(kind))[30]);
    expect(await data(figure, "view")).not.toBe(before);
    expect(median).toBeLessThan(17.5); // 60 a second
  }
  await expect.poll(() => figure.locator(".bestrq-figure-note").textContent()).toContain("of 2,000 × 2,000 cells");
  await page.close();
});

test("the five mixers side by side: steps by keyboard, zoom and cursor linked, a row as a curve, a frame to hear", async () => {
  const page = await lab.open("five.ipynb");
  const figure = (await drawn(page, 1)).first();
  const surfaces = figure.locator(".bestrq-map-surface");
  expect(await surfaces.count()).toBe(5);
  for (const [index, mixer] of mixers.entries())
    expect(await surfaces.nth(index).getAttribute("aria-label")).toMatch(
      new RegExp(`^${mixer} · head 1, step 0, layer 0, head 1`),
    );

  await figure.getByRole("slider", { name: "layer" }).focus();
  await page.keyboard.press("ArrowRight");
  await figure.getByRole("slider", { name: "training checkpoint" }).focus();
  await page.keyboard.press("ArrowRight");
  await surfaces.nth(1).focus();
  await page.keyboard.press("]");
  await expect
    .poll(() => surfaces.nth(0).getAttribute("aria-label"))
    .toMatch(/^mhsa · head 2, step 1,000, layer 1, head 2, 101 × 101 \(output × input\)/);
  await page.keyboard.press("PageDown");
  await expect
    .poll(() => surfaces.nth(4).getAttribute("aria-label"))
    .toMatch(/^mamba · head 1, step 1,000, layer 0, head 2/);

  expect(await marked(figure)).toEqual([0, 0, 0, 0, 0]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+ArrowRight");
  const words = figure.locator(".bestrq-figure-tooltip");
  await expect.poll(() => words.textContent()).toMatch(/^output 51 \(2.04 s\).*\ninput 60 \(2.4 s\) “\w+”\n/);
  for (const mixer of mixers) expect(await words.textContent()).toMatch(new RegExp(`\n${mixer} · head \\d [\\d.e-]+`));
  expect(await words.getAttribute("role")).toBe("status");
  await expect.poll(async () => (await marked(figure)).every((pixels) => pixels > 100)).toBe(true);

  await page.keyboard.press("+");
  await expect.poll(() => data(figure, "view")).not.toMatch(/^0.0000,1.0000/);
  await page.keyboard.press("0");
  await expect.poll(() => data(figure, "view")).toBe("0.0000,1.0000,0.0000,1.0000");

  await page.keyboard.press("r");
  const curve = figure.locator("[data-curves='5']");
  await expect.poll(() => curve.getAttribute("data-title")).toMatch(/^row: output 51 /);
  expect(await curve.locator(".scatterlayer .trace").count()).toBe(5);
  await page.keyboard.press("c");
  await expect.poll(() => curve.getAttribute("data-title")).toMatch(/^column: input 60 /);

  await page.keyboard.press("Enter");
  await expect.poll(() => data(figure, "heard")).toBe("2.17–2.67");
  const box = (await surfaces.nth(2).boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect.poll(() => data(figure, "heard")).not.toBe("2.17–2.67");
  await page.close();
});

test("colours: scale, range and map are chosen, and the legend tells what they mean", async () => {
  const page = await lab.open("five.ipynb");
  const figure = (await drawn(page, 1)).first();
  const picture = () =>
    figure
      .locator(".bestrq-map-panel canvas")
      .first()
      .evaluate((node) => (node as HTMLCanvasElement).toDataURL());
  const seen = [await picture()];
  const changed = async () => {
    await expect.poll(picture).not.toBe(seen.at(-1));
    seen.push(await picture());
  };
  await figure.getByRole("combobox", { name: "how numbers become colours" }).selectOption("logarithm");
  await changed();
  await figure.getByRole("combobox", { name: "colours", exact: true }).selectOption("cividis");
  await changed();
  await figure.getByRole("checkbox", { name: "same colours in all maps" }).check();
  await changed();
  const legend = figure.getByRole("img");
  await expect
    .poll(() => legend.getAttribute("aria-label"))
    .toMatch(/^weight: colours from [\d.e-]+ to [\d.]+, logarithm scale$/);
  await figure.getByRole("checkbox", { name: "to the last cell" }).check();
  await changed();
  await page.close();
});

test("figures survive theme, size, copy, a view of their own and reload; older ones are drawn too", async () => {
  const page = await lab.open("five.ipynb");
  const first = (await drawn(page, 1)).first();
  const picture = () =>
    first
      .locator(".bestrq-map-panel canvas")
      .first()
      .evaluate((node) => (node as HTMLCanvasElement).toDataURL());
  const light = await picture();
  await command(page, "apputils:change-theme", { theme: "JupyterLab Dark" });
  await expect.poll(picture).not.toBe(light);

  const lefts = () =>
    first.locator(".bestrq-map-panel").evaluateAll((all) => all.map((node) => (node as HTMLElement).style.left));
  const wide = await lefts();
  await page.setViewportSize({ width: 800, height: 1000 });
  await expect.poll(lefts).not.toEqual(wide);
  await page.setViewportSize({ width: 1280, height: 1000 });
  await expect.poll(lefts).toEqual(wide);

  await command(page, "notebook:copy-cell");
  await command(page, "notebook:paste-cell-below");
  const all = page.locator(".bestrq-figure[data-kind=map]");
  await expect.poll(() => all.count()).toBe(3);
  for (const [index, rows] of [101, 101, 53].entries()) {
    await all.nth(index).scrollIntoViewIfNeeded();
    await expect.poll(() => data(all.nth(index), "rows")).toBe(String(rows));
  }
  await command(page, "notebook:create-output-view");
  const own = page.locator(".jp-LinkedOutputView .bestrq-figure[data-ready-ms]");
  await expect.poll(() => own.count()).toBe(1);
  await page.reload();
  await page.waitForSelector(".jp-NotebookPanel .jp-Cell");
  await drawn(page, 1);
  await page.close();
});

test("figures in several notebooks keep to themselves, and go on in other areas of the page", async () => {
  const page = await lab.open("five.ipynb");
  await drawn(page, 1);
  await command(page, "docmanager:open", { path: "big.ipynb", factory: "Notebook", ...noKernel, options: beside });
  const [five, big] = ["five", "big"].map((name) =>
    page.locator(`.jp-NotebookPanel[data-bestrq-test=${name}] .bestrq-figure[data-ready-ms]`).first(),
  );
  /** Moves a notebook, as its tab would when it is dragged. */
  const move = (path: string, area: string, options: object = {}) =>
    page.evaluate(
      ([path, area, options]) => {
        interface Placed {
          readonly node: HTMLElement;
          readonly context?: { readonly path: string };
        }
        const { shell } = (
          window as unknown as {
            jupyterapp: {
              shell: { widgets(area: string): Iterable<Placed>; add(it: Placed, area: string, options: object): void };
            };
          }
        ).jupyterapp;
        const all = ["main", "down"].flatMap((place) => [...shell.widgets(place)]);
        const widget = all.find(({ context }) => context?.path === path)!;
        widget.node.dataset.bestrqTest = path.split(".")[0];
        shell.add(widget, area, options);
      },
      [path, area, options] as const,
    );
  await move("five.ipynb", "main", { mode: "split-left" });
  await move("big.ipynb", "main", { mode: "split-bottom" });
  const surface = big.locator(".bestrq-map-surface");
  await surface.focus();
  await page.keyboard.press("+");
  await expect.poll(() => data(big, "view")).toBe("0.1667,0.8333,0.1667,0.8333");
  expect(await data(five, "view")).toBe("0.0000,1.0000,0.0000,1.0000");

  await move("big.ipynb", "down");
  await five.scrollIntoViewIfNeeded();
  await expect.poll(() => painted(five)).toEqual([true, true, true, true, true]);
  await big.scrollIntoViewIfNeeded();
  await expect.poll(() => painted(big)).toEqual([true]);
  expect(await data(big, "view")).toBe("0.1667,0.8333,0.1667,0.8333");
  await surface.focus();
  await page.keyboard.press("0");
  await expect.poll(() => data(big, "view")).toBe("0.0000,1.0000,0.0000,1.0000");
  await move("big.ipynb", "main", { mode: "tab-after" });
  await surface.focus();
  await page.keyboard.press("+");
  await expect.poll(() => data(big, "view")).toBe("0.1667,0.8333,0.1667,0.8333");
  await page.close();
});

test("every control has a name and is reached by keyboard", async () => {
  const page = await lab.open("five.ipynb");
  const figure = (await drawn(page, 1)).first();
  const controls = await figure
    .locator("input, select, button, summary, canvas[tabindex]")
    .evaluateAll((all) =>
      all.map((node) => node.getAttribute("aria-label") ?? node.closest("label, summary")?.textContent ?? ""),
    );
  expect(controls).not.toContain("");
  await figure.locator("input, select, button").first().focus();
  const reached: (string | null)[] = [];
  for (let press = 0; press < controls.length; press++) {
    reached.push(
      await page.evaluate(() => {
        const node = document.activeElement;
        return node?.getAttribute("aria-label") ?? node?.closest("label, summary")?.textContent ?? "";
      }),
    );
    await page.keyboard.press("Tab");
  }
  expect(reached).toEqual(controls);
  await page.close();
});

test("a notebook with twenty figures of five maps stays small, and opens by drawing what is near", async () => {
  expect(statSync(join(lab.folder, "twenty.ipynb")).size).toBeLessThan(20e6);
  const page = await lab.open("five.ipynb"); // the code of figures is there
  await drawn(page, 1);
  const opened = await page.evaluate(async (kernel) => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: { commands: { execute(id: string, args: object): Promise<{ node: HTMLElement }> } };
    };
    const start = performance.now();
    const document = { path: "twenty.ipynb", factory: "Notebook", ...kernel };
    const { node } = await jupyterapp.commands.execute("docmanager:open", document);
    const count = () => node.querySelectorAll(".bestrq-lazyFigure").length;
    while (count() < 20 || !node.querySelector("[data-ready-ms]")) await new Promise(requestAnimationFrame);
    return performance.now() - start;
  }, noKernel);
  console.log(`twenty figures opened after ${(opened / 1000).toFixed(2)} s; wanted: 5 s`);
  const notebook = page.locator(".jp-NotebookPanel:visible");
  const figures = notebook.locator(".bestrq-lazyFigure");
  expect(await figures.count()).toBe(20);
  expect(await notebook.locator(".bestrq-figure").count()).toBeLessThan(10); // the others wait until they are near
  const last = figures.last();
  expect(await last.textContent()).toMatch(/^Which frame hears which: 5 maps of 250 × 250/);
  expect((await last.boundingBox())!.height).toBeGreaterThan(200); // about the room that it will take
  await last.scrollIntoViewIfNeeded();
  await expect.poll(() => last.locator(".bestrq-map-surface").count()).toBe(5);
  await page.close();
});

test("a running kernel gives the cells that the notebook has no room for, to a view of its own, too", async () => {
  const page = await lab.open("live.ipynb", { kernel: true });
  await command(page, "notebook:run-all-cells");
  const figure = (await drawn(page, 1)).first();
  expect(Number(await data(figure, "level"))).toBeGreaterThan(0);
  await command(page, "notebook:create-output-view");
  const own = page.locator(".jp-LinkedOutputView .bestrq-figure[data-ready-ms]");
  await own.waitFor();
  for (const one of [own, figure]) {
    await one.locator(".bestrq-map-surface").focus();
    for (let press = 0; press < 9; press++) await page.keyboard.press("+");
    const words = one.locator(".bestrq-figure-tooltip");
    await expect
      .poll(async () => {
        await page.keyboard.press("ArrowRight");
        return words.textContent();
      })
      .toMatch(/weight [\d.]+$/);
  }
  await page.close();
}, 180_000);
