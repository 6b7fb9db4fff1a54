// The paper's efficiency protocol as one function.

import { machine, resultsPath } from "../machine";
import { Efficiency } from "./efficiency";
import { type EfficiencyOptions, settingsOf } from "./options";
import type { EfficiencyResult } from "./results";
import { study } from "./study";

export { Efficiency } from "./efficiency";

/**
 * Time and memory of the five mixers as the input grows, by the protocol of the paper (arXiv:2409.02596): noise of 10
 * to 80 s, batch 6, a run to warm up and ten timed ones, forward in training mode with all that gradients would need;
 * beside it inference of one utterance. Each point has a process of its own, and is kept as soon as it is there: what
 * was measured before is not measured again. What does not fit in memory, or is too long to wait for, is planned.
 *
 * @throws RangeError where an option is not what may be given
 * @example
 * const options = { mixers: ["mhsa", "mamba"], sizes: ["tiny"], seconds: [1], beyond: [], planned: [60], runs: 3 } as const;
 * const study = await bench.efficiency({ ...options, out: "none" });
 * study.results.length; // 8
 */
export async function efficiency(options: EfficiencyOptions = {}): Promise<Efficiency> {
  const settings = settingsOf(options);
  const made: EfficiencyResult[] = [];
  for await (const result of study(settings)) made.push(result);
  const path = resultsPath(settings.out, "efficiency");
  return path ? Efficiency.read(path) : new Efficiency(machine(), made);
}
