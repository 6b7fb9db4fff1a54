// What `bestrq bench` says while it measures, on stderr.

import { BestRq } from "../bestrq";
import { duration } from "../figures";
import type { Limit } from "./apart";
import type { Settings } from "./options";
import type { Tell } from "./run";
import type { Case } from "./work";

/** Seconds that starting a process and drawing a model take, about. */
const startSeconds = 4;

/** About how long a process takes for a case: at 40 % of the limit, two passes beside those that count. */
function processSeconds(task: Case, { repeat }: Settings, { gflops_per_s }: Limit): number {
  const framesPerSecond = 25;
  const forward = 2 * BestRq.countParameters(task) * framesPerSecond * task.seconds * task.batch;
  const pass = (forward * (task.work === "train" ? 3 : 1)) / (0.4 * gflops_per_s * 1e9);
  return startSeconds + (repeat + 2) * pass;
}

/** Says how long it will take, then what is being measured and how much time is left. */
export function progressLine(cases: readonly Case[], settings: Settings, limit: Limit): { tell: Tell; end(): void } {
  const turns = settings.rounds * (settings.peer ? 2 : 1);
  const costs = cases.flatMap((task) => new Array<number>(turns).fill(processSeconds(task, settings, limit)));
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const began = performance.now();
  const rewrite = process.stderr.isTTY ? "\r\x1b[K" : "";
  const write = (line: string) => process.stderr.write(`${rewrite}${line}${rewrite ? "" : "\n"}`);
  write(
    `bench: ${costs.length} ${costs.length === 1 ? "process" : "processes"}, one after the other: about ${duration(sum(costs))}${rewrite && "\n"}`,
  );
  return {
    tell(begun, total, what) {
      const elapsed = (performance.now() - began) / 1000;
      const pace = begun === 0 ? 1 : elapsed / sum(costs.slice(0, begun));
      const left = duration(pace * sum(costs.slice(begun)));
      write(`[${begun + 1}/${total}] ${what} · about ${left} left`);
    },
    end: () => void process.stderr.write(rewrite),
  };
}
