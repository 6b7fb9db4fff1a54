// A process of its own for each case, so that its memory is the case's alone and its failure nobody else's.
import { readFileSync } from "node:fs";
import { memory } from "../profile";
import { backend } from "../tensor";
import type { Answer, Request } from "./apart";
import { matmulLimit } from "./matmul";
import { Workload } from "./work";

async function answer({ task, backend: name, repeat }: Request): Promise<void> {
  const engine = await backend.use(name);
  if (!task) return tell({ engine, gflops_per_s: await matmulLimit() });
  const workload = new Workload(task);
  const times: number[] = [];
  for (let i = 0; i <= repeat; i++) {
    const began = performance.now();
    await workload.pass();
    times.push((performance.now() - began) / 1000);
  }
  const [first_s, ...times_s] = times;
  const { flops, model } = workload;
  tell({ engine, first_s, times_s, flops, parameters: model.parameterCount, peak_rss_mib: peakRss() });
  // Apart from what is timed, and last: should it fail, what was measured has been told.
  const { peakBytes } = await memory(() => workload.pass(), { held: workload.held });
  tell({ peak_bytes: peakBytes });
}

/** The most memory this program had, in MiB. On Linux, what `resourceUsage` tells may be its parent's. */
function peakRss(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  const kibibytes = /^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Math.round(Number(kibibytes) / 1024);
}

const tell = (part: Partial<Answer>) => void process.send?.(part);

process.once("disconnect", () => process.exit()); // nobody waits any more
answer(JSON.parse(process.argv[2])).then(
  () => process.disconnect(),
  (error: Error) => process.send?.({ error: error.message }, () => process.exit(1)),
);
