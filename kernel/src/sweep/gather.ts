// What the runs of a sweep came to, in one table.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Column, type Figure, table } from "../figures";
import { JsonLines, type RecipeFields, type StepMetrics } from "../train";

/** What one run came to. What it has not reached, or not measured, is missing. */
export interface RunResult {
  readonly run: string;
  readonly mixer: string;
  readonly size: string;
  readonly seed: number;
  /** Steps done, of so many. */
  readonly step: number;
  readonly steps: number;
  readonly finished: boolean;
  /** Means of the last tenth of its steps, as single batches jump. */
  readonly loss?: number;
  readonly accuracy?: number;
  readonly codesGuessed?: number;
  /** The lowest that was measured. */
  readonly validationLoss?: number;
  /** Of the clock, over all steps. */
  readonly hours: number;
  /** What kept it from being read. */
  readonly fault?: string;
}

/**
 * Reads all runs in a folder: those of a sweep (`DIR/runs`), or any that `bestrq train` made (`DIR`).
 *
 * @throws Error where there is none
 */
export function gather(folder: string): RunResult[] {
  const inside = join(folder, "runs");
  const home = existsSync(inside) ? inside : folder;
  const names = existsSync(home) ? readdirSync(home).filter((name) => existsSync(join(home, name, "recipe.json"))) : [];
  if (names.length === 0) throw new Error(`Cannot gather results: no run is in ${home}`);
  return names.sort(inWords.compare).map((name) => resultOf(name, join(home, name)));
}

const inWords = new Intl.Collator("en", { numeric: true });

function resultOf(run: string, folder: string): RunResult {
  const nothing = { run, mixer: "", size: "", seed: Number.NaN, step: 0, steps: 0, finished: false, hours: 0 };
  let recipe: RecipeFields;
  let all: StepMetrics[];
  try {
    ({ recipe } = JSON.parse(readFileSync(join(folder, "recipe.json"), "utf8")));
    const path = join(folder, "metrics.jsonl");
    all = existsSync(path) ? JsonLines.read(path) : [];
  } catch (error) {
    return { ...nothing, fault: (error as Error).message };
  }
  const { mixer, size, seed, steps } = recipe;
  const last = all.slice(-Math.max(1, Math.ceil(all.length / 10)));
  const step = all.at(-1)?.step ?? 0;
  const validated = all.flatMap(({ validationLoss }) => validationLoss ?? []);
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
  return {
    ...{ run, mixer, size, seed, step, steps, finished: step >= steps, hours: seconds / 3600 },
    ...(all.length > 0 && {
      loss: mean(last.map(({ loss }) => loss)),
      accuracy: mean(last.map(({ accuracy }) => accuracy)),
      codesGuessed: last[last.length - 1].codesGuessed,
    }),
    ...(validated.length > 0 && { validationLoss: Math.min(...validated) }),
  };
}

/** Runs of one mixer and one size: means over their seeds, and how far single seeds lie from them (standard deviation). */
export interface Gathered {
  readonly mixer: string;
  readonly size: string;
  readonly seeds: number;
  readonly finished: number;
  readonly loss?: number;
  readonly lossDeviation?: number;
  readonly accuracy?: number;
  readonly accuracyDeviation?: number;
  readonly validationLoss?: number;
  readonly validationLossDeviation?: number;
}

/** One line for each mixer and size, in the order that they come in. */
export function overSeeds(results: readonly RunResult[]): Gathered[] {
  const groups = new Map<string, RunResult[]>();
  for (const one of results.filter(({ fault }) => fault === undefined)) {
    const name = `${one.size} ${one.mixer}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].map((runs) => {
    const { mixer, size } = runs[0];
    const finished = runs.filter((one) => one.finished).length;
    const [loss, lossDeviation] = spread(runs.map((one) => one.loss));
    const [accuracy, accuracyDeviation] = spread(runs.map((one) => one.accuracy));
    const [validationLoss, validationLossDeviation] = spread(runs.map((one) => one.validationLoss));
    return {
      ...{ mixer, size, seeds: runs.length, finished },
      ...{ loss, lossDeviation, accuracy, accuracyDeviation, validationLoss, validationLossDeviation },
    };
  });
}

/** Mean, and standard deviation where there are two values or more. */
function spread(values: readonly (number | undefined)[]): [mean?: number, deviation?: number] {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return [];
  const middle = mean(known);
  if (known.length === 1) return [middle];
  return [middle, Math.sqrt(known.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (known.length - 1))];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const runColumns: Column[] = [
  { key: "run" },
  { key: "step", label: "steps done" },
  { key: "steps", label: "of" },
  { key: "loss", label: "loss (nats)" },
  { key: "accuracy", label: "masked accuracy" },
  { key: "validationLoss", label: "lowest validation loss (nats)" },
  { key: "codesGuessed", label: "share of codes guessed" },
  { key: "hours" },
];

const seedColumns: Column[] = [
  { key: "mixer" },
  { key: "size" },
  { key: "seeds" },
  { key: "finished" },
  { key: "loss", label: "loss (nats)" },
  { key: "lossDeviation", label: "± loss" },
  { key: "accuracy", label: "masked accuracy" },
  { key: "accuracyDeviation", label: "± accuracy" },
  { key: "validationLoss", label: "validation loss (nats)" },
  { key: "validationLossDeviation", label: "± validation loss" },
];

/** The runs, a line each. */
export const runTable = (results: readonly RunResult[]): Figure =>
  table(results, { title: "Runs", columns: runColumns });

/** Mixers and sizes, a line each. */
export const seedTable = (gathered: readonly Gathered[]): Figure =>
  table(gathered, { title: "Means over seeds", columns: seedColumns });
