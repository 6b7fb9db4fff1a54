import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Machine } from "bestrq/bench/machine";
import { keepRun, type Run, readResults } from "bestrq/bench/results";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../imports";
import { measured } from "./samples";

const machine: Machine = { cpu: "Abacus 7", threads: 2, memory_gib: 1, system: "linux x64" };
const run = (id: string, seconds = 10): Run => ({
  id,
  date: "2026-11-23T10:00:00.000Z",
  device: "CPU",
  versions: { node: "20.0.0" },
  limit_gflops_per_s: 100,
  results: [measured({ seconds })],
});

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "results-"));
  path = join(folder, "results", "abacus.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const ids = () => readResults(path)?.runs.map(({ id }) => id);

test("keepRun makes the folder and the file, appends runs, and replaces an earlier state of the same run", async () => {
  expect(readResults(path)).toBeUndefined();
  await keepRun(path, machine, run("a"));
  await keepRun(path, machine, run("b"));
  await keepRun(path, machine, run("a", 40));
  expect(readResults(path)).toEqual({ format: 1, machine, runs: [run("a", 40), run("b")] });
  expect(readdirSync(join(folder, "results"))).toEqual(["abacus.json"]);
});

test("keepRun writes one result a line", async () => {
  await keepRun(path, machine, run("a"));
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines).toContain(`        ${JSON.stringify(measured())}`);
});

test.each([
  ["cut short", '{"format": 1, "runs": [{'],
  ["of another format", '{"format": 99, "runs": []}'],
  ["of something else", "null"],
  ["empty", ""],
])("keepRun moves a file %s aside and loses nothing of it", async (_, text) => {
  path = join(folder, "abacus.json");
  writeFileSync(path, text);
  expect(() => readResults(path)).toThrow(`Cannot read the results in ${path}: `);
  const aside = await keepRun(path, machine, run("a"));
  expect(ids()).toEqual(["a"]);
  expect(readFileSync(aside!, "utf8")).toBe(text);
  expect(aside).not.toMatch(/\.json$/);
});

test("keepRun waits for nobody who has gone", async () => {
  path = join(folder, "abacus.json");
  writeFileSync(`${path}.lock`, "1");
  utimesSync(`${path}.lock`, 0, 0);
  await keepRun(path, machine, run("a"));
  expect(ids()).toEqual(["a"]);
});

test("keepRun loses nothing where several processes write at once", async () => {
  const program = `
    const { keepRun } = require(${JSON.stringify(join(root, "kernel/dist/bench/results.js"))});
    (async () => {
      for (let i = 0; i < 10; i++) {
        const run = { ...${JSON.stringify(run(""))}, id: process.argv[1] + i };
        await keepRun(${JSON.stringify(path)}, ${JSON.stringify(machine)}, run);
      }
    })();`;
  await Promise.all(["a", "b", "c"].map((name) => promisify(execFile)(process.execPath, ["-e", program, name])));
  const expected = ["a", "b", "c"].flatMap((name) => Array.from({ length: 10 }, (_, i) => name + i));
  expect(ids()?.sort()).toEqual(expected.sort());
});
