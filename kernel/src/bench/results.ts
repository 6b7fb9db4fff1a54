// Results on disk: data/results/<machine>.json, one file a machine, as data/README.md describes it.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Machine } from "./machine";
import type { Result } from "./measurement";

/** What one start of `bestrq bench` measured. */
export interface Run<R = Result> {
  readonly id: string;
  /** When it began, ISO 8601. */
  readonly date: string;
  /** Of the code that was measured; `+` where it had been changed since. */
  readonly commit?: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  /** What a large matrix product reached. */
  readonly limit_gflops_per_s: number;
  readonly results: readonly R[];
}

export interface ResultsFile<R = Result> {
  readonly format: 1;
  readonly machine: Machine;
  readonly runs: readonly Run<R>[];
}

/** Reads a file of results; undefined if there is none. @throws Error where it is not one */
export function readResults<R = Result>(path: string): ResultsFile<R> | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const fault = (what: string) => new Error(`Cannot read the results in ${path}: ${what}`);
  let file: ResultsFile<R>;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw fault((error as Error).message);
  }
  if (file?.format !== 1 || !Array.isArray(file.runs)) throw fault('it must hold "format": 1 and a list of "runs"');
  return file;
}

/**
 * Puts a run into the file of its machine, in place of an earlier state of the same run. Others may write to the file
 * meanwhile. What is not a file of results is moved aside, never overwritten.
 *
 * @returns where it was moved to, if it was
 */
export async function keepRun<R = Result>(path: string, machine: Machine, run: Run<R>): Promise<string | undefined> {
  mkdirSync(dirname(path), { recursive: true });
  return locked(path, () => {
    let [earlier, aside]: [readonly Run<R>[], string | undefined] = [[], undefined];
    try {
      earlier = readResults<R>(path)?.runs ?? [];
    } catch {
      aside = `${path}.set-aside-${run.date.replace(/\W/g, "")}-${run.id}`;
      renameSync(path, aside);
    }
    const known = earlier.some(({ id }) => id === run.id);
    const runs = known ? earlier.map((one) => (one.id === run.id ? run : one)) : [...earlier, run];
    const file: ResultsFile<R> = { format: 1, machine, runs };
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, written(file));
    renameSync(temporary, path);
    return aside;
  });
}

/** JSON with one result a line: read by people, too, and told apart by version control. */
function written<R>({ runs, ...head }: ResultsFile<R>): string {
  const run = ({ results, ...rest }: Run<R>) => {
    const lines = results.map((result) => `        ${JSON.stringify(result)}`).join(",\n");
    const about = JSON.stringify(rest, null, 2).slice(2, -2).replace(/^/gm, "    ");
    return `    {\n${about},\n      "results": [\n${lines}\n      ]\n    }`;
  };
  const about = JSON.stringify(head, null, 2).slice(2, -2);
  return `{\n${about},\n  "runs": [\n${runs.map(run).join(",\n")}\n  ]\n}\n`;
}

const [patienceMs, pauseMs] = [5000, 20];

/** Holds the file for the moment of a change. A lock that is much older than a moment was left behind. */
async function locked<R>(path: string, body: () => R): Promise<R> {
  const lock = `${path}.lock`;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > patienceMs) rmSync(lock, { force: true });
      else await wait(pauseMs);
    }
  }
  try {
    return body();
  } finally {
    rmSync(lock, { force: true });
  }
}
