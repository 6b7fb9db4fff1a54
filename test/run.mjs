// `npm test`: makes what the tests need, a Chromium, a C compiler and Open MPI included, and runs them. Arguments go to vitest.
import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError } from "../kernel/setup/command.mjs";
import { consoleReport } from "../kernel/setup/report.mjs";
import { setUp } from "../kernel/setup/setup.mjs";
import { ensure, mpi, slurm } from "./programs.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache", "setup");
const results = join(cache, "tests.json");
const report = consoleReport(process.stdout);
/** `npm run test:long`. */
const isLong = process.argv.some((argument) => argument.startsWith("test/long"));

try {
  await setUp({ root, again: "npm test", add: ["webgpu"], report });
  const { chromium } = await import("./chromium.mjs"); // after the set-up: it asks playwright
  const browser = await chromium({ root, cache, again: "npm test" }, report);
  report.line(`Chromium: ${browser}`);
  const { compiler } = await import("./compiler.mjs");
  const CC = await compiler({ root, cache, again: "npm test" }, report);
  for (const wanted of isLong ? [mpi, slurm] : [mpi]) await ensure(wanted, { root, cache, again: "npm test" }, report);
  process.exitCode = await runTests({ BESTRQ_CHROMIUM: browser, CC });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

async function runTests(env) {
  await rm(results, { force: true });
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const child = spawn(process.execPath, [vitest, "run", ...reporters, ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  const ended = new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
  process.on("SIGINT", () => {}).on("SIGTERM", () => child.kill("SIGTERM"));
  const code = await ended;
  console.log(await summary(code));
  return code;
}

/** `N passed, N failed`. What failed outside of a test, as a file that could not be loaded, counts as one. */
async function summary(code) {
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(await readFile(results, "utf8").catch(() => "{}"));
  return `${numPassedTests} passed, ${numFailedTests || (code === 0 ? 0 : 1)} failed`;
}
