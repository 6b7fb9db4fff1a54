// How much later JupyterLab is ready with our extension than without it: one server, both in turns, timed by the page.
import { median } from "bestrq/bench/measurement";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startJupyterLab } from "../extension/jupyterlab";
import { keepResult } from "./results";

const pairs = 41;

let lab: Lab;
beforeAll(async () => {
  lab = await startJupyterLab({});
});
afterAll(() => lab?.close());

interface Start {
  /** From the start of the page until JupyterLab has restored what was open, with nothing in the browser's cache. */
  readonly firstMs: number;
  /** The same once more. */
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
  // The page names the extensions that it loads.
  await page.route(`${lab.url}/lab*`, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/"federated_extensions": (\[.*?\])/s, (_, list) => {
      const kept = (JSON.parse(list) as { name: string }[]).filter(
        ({ name }) => extended || !name.startsWith("bestrq"),
      );
      return `"federated_extensions": ${JSON.stringify(kept)}`;
    });
    await route.fulfill({ response, body });
  });
  const ready = async () => {
    const restored = await page.waitForFunction(() => (window as { restoredMs?: number }).restoredMs);
    return Number(await restored.jsonValue());
  };
  await page.goto(`${lab.url}/lab?reset&token=test`);
  const firstMs = await ready();
  const names = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  await page.reload();
  const againMs = await ready();
  await context.close();
  return { firstMs, againMs, fetched: names.filter((name) => name.includes("bestrq-labextension")).length };
}

test("start-up with the extension and without it, in turns", { timeout: 1_200_000 }, async () => {
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
  expect(found.every(({ plain, extended }) => plain.fetched === 0 && extended.fetched > 1)).toBe(true);
  const told = (key: "firstMs" | "againMs") => {
    const [plain, extended] = (["plain", "extended"] as const).map((kind) => found.map((pair) => pair[kind][key]));
    const grown = extended.map((ms, pair) => ms - plain[pair]).sort((a, b) => a - b);
    const away = Math.ceil(0.98 * Math.sqrt(pairs)); // ranks from the median: the 95 % interval of it
    const ranked = (rank: number) => Math.round(grown[rank]);
    const undisturbed = (all: readonly number[]) => [...all].sort((a, b) => a - b).slice(0, Math.ceil(pairs / 4));
    return {
      without_ms: Math.round(median(plain)),
      with_ms: Math.round(median(extended)),
      fastest_quarter_grown_by_ms: Math.round(median(undisturbed(extended)) - median(undisturbed(plain))),
      grown_by_ms: Math.round(median(grown)),
      interval_ms: [ranked((pairs - 1) / 2 - away), ranked((pairs - 1) / 2 + away)],
    };
  };
  const result = { pairs, first: told("firstMs"), again: told("againMs") };
  console.log(result);
  keepResult("startup", result);
});
