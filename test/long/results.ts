// What the long tests found when they last ran: data/results/long-<name>.json, one file each.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commit, machine } from "bestrq/bench/machine";

/** Keeps the last result of a long test, with where and of which code it was taken. */
export function keepResult(name: string, result: object): void {
  const path = fileURLToPath(new URL(`../../data/results/long-${name}.json`, import.meta.url));
  const about = { date: new Date().toISOString(), commit: commit(), machine: machine() };
  writeFileSync(path, `${JSON.stringify({ ...about, ...result }, null, 2)}\n`);
}
