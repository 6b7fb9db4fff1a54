// A process of its own for each point: what its memory grows by is the point's alone.
import { readFileSync, writeFileSync } from "node:fs";
import { openSampler } from "../../device";
import { backend, jit, tf } from "../../tensor";
import type { Timed, TimedRequest } from "./apart";
import { Pass } from "./work";

async function answer({ point, backend: name, runs, limit }: TimedRequest): Promise<void> {
  const engine = await backend.use(name);
  tf.ones([64, 64]).dispose();
  const before = memoryOf("VmRSS");
  const pass = new Pass(point);
  pass.aside();
  const times: number[] = [];
  let deadline = 0;
  for (let i = 0; i <= runs; i++) {
    if (i === 1) deadline = performance.now() + 1000 * limit;
    if (i > fewest && performance.now() > deadline) break;
    const began = performance.now();
    const result = pass.run();
    await result.data(); // waits for devices that compute beside the program
    times.push((performance.now() - began) / 1000);
    result.dispose();
  }
  const [first_s, ...times_s] = times;
  const peak = memoryOf("VmHWM");
  const told: Timed = {
    engine,
    first_s,
    times_s,
    compile_s: jit.statistics().seconds,
    rss_peak_bytes: peak,
    rss_growth_bytes: peak - before,
    ...(engine.device === "GPU" ? await deviceMemory() : {}),
  };
  process.send?.(told);
}

/** Timed runs that there are at least, whatever the limit. */
const fewest = 3;

/** The process's memory now, or at most so far. On Linux, what `resourceUsage` tells may be its parent's. */
function memoryOf(name: "VmRSS" | "VmHWM"): number {
  if (process.platform !== "linux") return name === "VmRSS" ? process.memoryUsage.rss() : 1024 * process.resourceUsage().maxRSS; // biome-ignore format: one line
  return 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

/** The most that TensorFlow held of CUDA's pool, where the driver tells. */
async function deviceMemory(): Promise<Pick<Timed, "device_peak_bytes">> {
  const { values } = await openSampler().once();
  const peaks = Object.entries(values).filter(([series]) => series.endsWith(".pool.peak"));
  return peaks.length > 0 ? { device_peak_bytes: Math.max(...peaks.map(([, bytes]) => bytes)) } : {};
}

try {
  writeFileSync("/proc/self/oom_score_adj", "1000"); // where memory ends, the point ends, and nothing else
} catch {
  // no such thing on this system
}
process.once("disconnect", () => process.exit()); // nobody waits any more
answer(JSON.parse(process.argv[2])).then(
  () => process.disconnect(),
  (error: Error) => process.send?.({ error: error.message }, () => process.exit(1)),
);
