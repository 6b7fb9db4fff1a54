// How much later JupyterLab is ready with our extension than without it: one server, both in turns, timed by the page.
import { median, medianInterval } from "bestrq/bench/measurement";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startJupyterLab } from "../extension/jupyterlab";
import { keepResult } from "./results";

const pairs = 41;
const reloads = 3;

let lab: Lab;
beforeAll(async () => {
  lab = await startJupyterLab({});
});
afterAll(() => lab?.close());

interface Start {
  /** From the start of the page until JupyterLab has restored what was open, with nothing in the browser's cache. */
  readonly firstMs: number;
  /** The median of more such starts, with the cache that the first one filled. */
  readonly againMs: number;
  /** Files of the extension that were fetched. */
  readonly fetched: number;
}

async function start(extended: boolean): Promise<Start> {
  const context = await lab.browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    Object.defineProperty(window, "jupyterapp", {
      configurable: true,
      set(app: { restored: Promise<void> }) {
        Object.defineProperty(window, "jupyterapp", { value: app });
        void app.restored.then(() => Object.assign(window, { restoredMs: performance.now() }));
      },
    });
  });
  await page.addInitScript(configure, extended);
  const ready = async () => {
    const restored = await page.waitForFunction(() => (window as { restoredMs?: number }).restoredMs);
    return Number(await restored.jsonValue());
  };
  await page.goto(`${lab.url}/lab?reset&token=test`);
  const firstMs = await ready();
  const names = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  const again: number[] = [];
  for (let reload = 0; reload < reloads; reload++) {
    await page.reload();
    again.push(await ready());
  }
  await context.close();
  return {
    firstMs,
    againMs: median(again),
    fetched: names.filter((name) => name.includes("bestrq-labextension")).length,
  };
}

/**
 * Runs in the page: before JupyterLab reads what to load, takes our extension out where it shall start without, and has it
 * not look for a build to make, which keeps a core of the server busy for a second, sooner or later. Nothing is routed:
 * that would turn the browser's cache off, and a second start would be a first one.
 */
function configure(extended: boolean): void {
  const observer = new MutationObserver(() => {
    const config = document.getElementById("jupyter-config-data");
    if (!config?.textContent?.trimEnd().endsWith("}")) return;
    observer.disconnect();
    const settings = JSON.parse(config.textContent) as { federated_extensions: { name: string }[] };
    const kept = settings.federated_extensions.filter(({ name }) => extended || !name.startsWith("bestrq"));
    config.textContent = JSON.stringify({ ...settings, federated_extensions: kept, buildCheck: false });
  });
  observer.observe(document, { childList: true, subtree: true });
}

test("start-up with the extension and without it, in turns", { timeout: 3_600_000 }, async () => {
  await start(true); // the server reads its own files for the first time
  const found: { plain: Start; extended: Start }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Which one is first changes, too.
    if (pair % 2 === 0) found.push({ plain: await start(false), extended: await start(true) });
    else {
      const extended = await start(true);
      found.push({ plain: await start(false), extended });
    }
  }
  expect(found.every(({ plain, extended }) => plain.fetched === 0 && extended.fetched === 1)).toBe(true);
  const told = (key: "firstMs" | "againMs") => {
    const [plain, extended] = (["plain", "extended"] as const).map((kind) => found.map((pair) => pair[kind][key]));
    const grown = extended.map((ms, pair) => ms - plain[pair]);
    const undisturbed = (all: readonly number[]) => [...all].sort((a, b) => a - b).slice(0, Math.ceil(pairs / 4));
    return {
      without_ms: Math.round(median(plain)),
      with_ms: Math.round(median(extended)),
      fastest_quarter_grown_by_ms: Math.round(median(undisturbed(extended)) - median(undisturbed(plain))),
      grown_by_ms: Math.round(median(grown)),
      interval_ms: medianInterval(grown).map(Math.round),
    };
  };
  const result = { pairs, reloads, first: told("firstMs"), again: told("againMs") };
  console.log(result);
  keepResult("startup", result);
});
