// `bestrq train` in several processes: a model that takes no time, on the shipped speech.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StepMetrics } from "bestrq/train";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Six batches a step, so that two, three and four processes have something to do; four do not have as many each. */
export const changes = {
  "model.width": 12,
  "model.heads": 2,
  "model.layers": 1,
  "model.feedForward": 16,
  "model.kernel": 5,
  "model.channels": [3, 2],
  "batches.seconds": 6,
  "batches.buckets": 2,
  accumulation: 6,
  "validation.every": 5,
  "checkpoints.every": 2,
};

/** What starts it, word by word. */
export function trainCommand(out: string, steps: number, ...more: string[]): string[] {
  const given = Object.entries({ steps, seed: 7 }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const set = Object.entries(changes).flatMap(([name, value]) => ["--set", `${name}=${JSON.stringify(value)}`]);
  const audio = ["--audio", join(root, "data/speech"), "--out", out];
  return [
    process.execPath,
    join(root, "kernel/dist/cli.js"),
    "train",
    ...["--mixer", "summarymixing", "--size", "tiny", "--backend", "tensorflow", "--json"],
    ...[...audio, ...given, ...set, ...more],
  ];
}

/** The metrics of a run, a line each. */
export const metricsOf = (out: string): StepMetrics[] =>
  readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one line

/** The largest difference between the losses of two runs, validation included. */
export function farthestLoss(one: readonly StepMetrics[], other: readonly StepMetrics[]): number {
  const differences = one.flatMap(({ loss, validationLoss = 0 }, index) => [
    Math.abs(loss - other[index].loss),
    Math.abs(validationLoss - (other[index].validationLoss ?? 0)),
  ]);
  return Math.max(...differences);
}
