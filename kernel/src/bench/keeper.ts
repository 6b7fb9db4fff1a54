// Where a run of `bestrq bench` is kept, and what is told about it.
import { randomUUID } from "node:crypto";
import { tf } from "../tensor";
import type { Limit } from "./apart";
import { isPeer } from "./comparison";
import { commit, machine, resultsPath } from "./machine";
import type { Result } from "./measurement";
import { keepRun, type Run } from "./results";

/** Gives a function that writes what has been measured so far to the file of results: a run that is cut short is kept. */
export function keeper(out: string | undefined, { engine, gflops_per_s }: Limit): (results: Result[]) => Promise<void> {
  const here = machine();
  const path = resultsPath(out);
  if (!path) return async () => {};
  const about: Omit<Run, "results" | "versions"> = {
    id: randomUUID().slice(0, 8),
    date: new Date().toISOString(),
    commit: commit(),
    device: engine.device,
    limit_gflops_per_s: Math.round(gflops_per_s),
  };
  let silenced = false;
  return async (results) => {
    const versions = {
      node: process.versions.node,
      tfjs: tf.version_core,
      [engine.name]: engine.version,
      ...Object.fromEntries(results.filter(isPeer).map(({ peer }) => ["peer", peer])),
    };
    try {
      const aside = await keepRun(path, here, { ...about, versions, results });
      if (aside) console.error(`bench: ${path} was no file of results; it is kept as ${aside}`);
    } catch (error) {
      if (!silenced) console.error(`bench: results are not kept: ${(error as Error).message}`);
      silenced = true;
    }
  };
}
