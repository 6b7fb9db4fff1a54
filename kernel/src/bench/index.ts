// How fast the models are, and where their time goes.
import { Efficiency, efficiency } from "./efficiency";
import type { BenchOptions } from "./options";
import { measureAll } from "./run";

export { runBench } from "./command";
export { commit, type Machine, machine, resultsFolder } from "./machine";
export type { BenchOptions } from "./options";
export { runPlan } from "./planCommand";

/** How fast models are on this machine: each case in a process of its own, as `bestrq bench` measures them. */
export const bench = {
  /**
   * Times inference: features of noise through front end, encoder and head. Results come one by one; a case that fails
   * gives a result with `error`.
   *
   * @throws RangeError where an option is not what may be given
   * @example
   * const options = { mixers: ["mamba"], size: "tiny", seconds: [1], repeat: 1 } as const;
   * for await (const result of bench.forward(options)) if ("best_s" in result) console.log(result.best_s);
   */
  forward: (options: BenchOptions = {}) => measureAll("forward", options),
  /** Times a training step without its optimizer: forward, and back to every parameter. Otherwise like `forward`. */
  train: (options: BenchOptions = {}) => measureAll("train", options),
  efficiency,
  /** Reads what {@link bench.efficiency} has kept: a file of data/results. */
  readEfficiency: (path: string): Efficiency => Efficiency.read(path),
};
