// A process of its own for each case, so that its memory is the case's alone and its failure nobody else's.
import { readFileSync } from "node:fs";
import { memory } from "../profile";
import { backend, jit, type Observer, observe, tf } from "../tensor";
import type { Limit, Passes, Request } from "./apart";
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
  const { seconds: compile_s } = jit.statistics();
  const peak_rss_mib = peakRss();
  const gflops_per_s = await matmulLimit();
  tell({ engine, first_s, times_s, compile_s, flops, parameters: model.parameterCount, peak_rss_mib, gflops_per_s });
  tell({ peak_bytes: await peakBytes(workload) }); // last: should it fail, what was measured has been told
}

/** The most memory this program had, in MiB. On Linux, what `resourceUsage` tells may be its parent's. */
function peakRss(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  const kibibytes = /^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return Math.round(Number(kibibytes) / 1024);
}

/** By the ledger, in a pass of its own, op by op. @throws RangeError where memory would end */
async function peakBytes(workload: Workload): Promise<number> {
  const most = tf.memory().numBytes + 0.8 * process.availableMemory();
  const guard: Observer = {
    enter() {
      if (tf.memory().numBytes > most)
        throw new RangeError("Cannot record memory: op by op, there is not enough of it");
    },
  };
  const run = () => observe(guard, () => workload.pass());
  return (await memory(run, { held: workload.held })).peakBytes;
}

const tell = (part: Limit | Passes | Pick<Passes, "peak_bytes">) => void process.send?.(part);

process.once("disconnect", () => process.exit()); // nobody waits any more
answer(JSON.parse(process.argv[2])).then(
  () => process.disconnect(),
  (error: Error) => process.send?.({ error: error.message }, () => process.exit(1)),
);
