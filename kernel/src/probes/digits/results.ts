// Results on disk: settings and one row a probe, kept after every trial.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { commit, type Machine, machine } from "../../bench";
import type { MixerName } from "../../bestrq";
import type { DigitSettings } from "./settings";

/** One probe, tried on the recordings that its seed leaves out. */
export interface DigitRow {
  /** What it read. */
  readonly source: "filterbank" | "filterbank, mean and deviation" | "random weights" | "pre-trained";
  /** Of an encoder. */
  readonly mixer?: MixerName;
  readonly seed: number;
  /** Of a pre-trained one: mean loss (nats) and masked accuracy of its last 50 steps. */
  readonly loss?: number;
  readonly masked?: number;
  readonly target: "digit" | "speaker";
  /** Share of right guesses, with its 95 % confidence interval. */
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  /** Share of each state in the sum. */
  readonly layer_weights: readonly number[];
  /** 1 or 0 for every recording that the seed leaves out, in the order of their names: guessed right or not. */
  readonly right: string;
}

/** What the experiment has found so far. */
export interface DigitResults {
  /** 1 had one test split for all seeds. */
  readonly format: 2;
  /** When it began, and of which code. */
  readonly date: string;
  readonly commit?: string;
  readonly machine: Machine;
  readonly settings: DigitSettings;
  readonly rows: readonly DigitRow[];
}

/** Results of an experiment that begins. */
export const noDigits = (settings: DigitSettings): DigitResults => ({
  format: 2,
  date: new Date().toISOString(),
  commit: commit(),
  machine: machine(),
  settings,
  rows: [],
});

/**
 * What a file holds; with settings, of an experiment with these, and no rows where there is no file yet.
 *
 * @throws Error where the file holds something else
 */
export function readDigits(path: string, settings?: DigitSettings): DigitResults {
  if (settings && !existsSync(path)) return noDigits(settings);
  const fault = (what: string) => new Error(`Cannot read the results in ${path}: ${what}. Name another file`);
  let file: DigitResults;
  try {
    file = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw fault((error as Error).message);
  }
  if (file?.format !== 2 || !Array.isArray(file.rows)) throw fault('it must hold "format": 2 and a list of "rows"');
  const other = settings && Object.entries(settings).find(([name, value]) => file.settings[name as "steps"] !== value);
  if (other) {
    const [name, value] = other;
    throw fault(`they must have ${name} ${value} to go on with them, got ${file.settings[name as "steps"]}`);
  }
  return file;
}

/** Writes all of it, one row a line, at once or not at all. */
export function writeDigits(path: string, { rows, ...head }: DigitResults): void {
  mkdirSync(dirname(path), { recursive: true });
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "rows": [\n${lines}\n  ]\n}\n`;
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}
