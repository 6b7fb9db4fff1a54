// Finds a Chromium for the browser tests, or adds one: the system's, else playwright's, else the one of apt.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { run, SetupError } from "../kernel/setup/command.mjs";
import { onPath } from "../kernel/setup/machine.mjs";
import { add, canAdd } from "./debian.mjs";

const execute = promisify(execFile);
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const macApplications = ["Google Chrome", "Chromium"].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/**
 * @param {import("../kernel/setup/setup.mjs").Context} context
 * @param {import("../kernel/setup/report.mjs").Report} report
 * @returns {Promise<string>} the path of a Chromium that starts
 * @throws {SetupError} if there is none and none can be added
 */
export async function chromium(context, report) {
  if (process.env.BESTRQ_CHROMIUM) {
    if (await starts(process.env.BESTRQ_CHROMIUM)) return process.env.BESTRQ_CHROMIUM;
    throw new SetupError(
      `Cannot use BESTRQ_CHROMIUM: it must name a Chromium that starts, got ${process.env.BESTRQ_CHROMIUM}`,
    );
  }
  const installed = (await system()) ?? (await playwrights());
  if (installed) return installed;
  const ways = [["playwright", addPlaywrights], ...(canAdd() ? [["apt", addBySystem]] : [])];
  for (const [source, way] of ways) {
    try {
      const added = await report.step(`Chromium from ${source}`, () => way(context));
      if (added) return added;
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      report.line(error.message);
    }
  }
  throw new SetupError(
    `Cannot run the browser tests: no Chromium on the PATH; run \`sudo apt install chromium\`, or set BESTRQ_CHROMIUM to one, and run \`${context.again}\` again`,
  );
}

async function system() {
  for (const path of [...names.map(onPath), ...macApplications]) if (path && (await starts(path))) return path;
  return undefined;
}

async function playwrights() {
  const { chromium } = await import("playwright-core");
  const path = chromium.executablePath();
  return existsSync(path) && (await starts(path)) ? path : undefined;
}

async function addPlaywrights(context) {
  const cli = join(context.root, "node_modules", "playwright-core", "cli.js");
  const install = [process.execPath, cli, "install", "chromium"];
  await run(context, "fetch playwright's Chromium", install, { log: "playwright", timeoutMs: 300_000 });
  return playwrights();
}

async function addBySystem(context) {
  await add(context, ["chromium"]);
  return system();
}

/** A path may hold a stub that only tells to install a snap, or lack a library: so ask it for its version. */
async function starts(path) {
  try {
    await execute(path, ["--version"], { timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
