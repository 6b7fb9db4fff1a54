// Results on disk: settings and one row a probe, kept after every trial.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { MixerName } from "../../bestrq";
import type { DigitSettings } from "./settings";

/** What a probe read. */
export type Source = "filterbank" | "filterbank, mean and deviation" | "random weights" | "pre-trained";

/** One probe, tried on the test split. */
export interface DigitRow {
  readonly source: Source;
  /** Of an encoder. */
  readonly mixer?: MixerName;
  readonly seed?: number;
  /** Of a pre-trained one: mean loss (nats) and masked accuracy of its last 100 steps. */
  readonly loss?: number;
  readonly masked?: number;
  readonly target: "digit" | "speaker";
  /** Share of right guesses, with its 95 % confidence interval. */
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  /** The penalty that the validation part chose. */
  readonly penalty: number;
  /** Share of each state in the sum. */
  readonly layer_weights: readonly number[];
  /** 1 or 0 for every recording of the test split, in the order of their names: guessed right or not. */
  readonly right: string;
}

export interface DigitResults {
  readonly format: 1;
  readonly settings: DigitSettings;
  readonly rows: readonly DigitRow[];
}

/**
 * What a file holds of an experiment with these settings; no rows where there is no file yet.
 *
 * @throws Error where the file holds something else
 */
export function readDigits(path: string, settings?: DigitSettings): DigitResults {
  if (!existsSync(path) && settings) return { format: 1, settings, rows: [] };
  const file: DigitResults = JSON.parse(readFileSync(path, "utf8"));
  const alike = (name: keyof DigitSettings) =>
    JSON.stringify(file.settings?.[name]) === JSON.stringify(settings?.[name]);
  const trained = ["size", "steps", "learningRate", "seconds", "batchSize", "maskProbability"] as const;
  const other = settings && trained.find((name) => !alike(name));
  if (file.format !== 1 || other)
    throw new Error(
      `Cannot go on with ${path}: it must hold results of the same settings, got ` +
        `${other ? `${other} ${file.settings?.[other]} instead of ${settings?.[other]}` : `format ${file.format}`}. Name another file`,
    );
  return { ...file, settings: settings ?? file.settings };
}

/** Writes all of it, one row a line, at once or not at all. */
export function writeDigits(path: string, { format, settings, rows }: DigitResults): void {
  mkdirSync(dirname(path), { recursive: true });
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  const text = `{\n  "format": ${format},\n  "settings": ${JSON.stringify(settings)},\n  "rows": [\n${lines}\n  ]\n}\n`;
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}
