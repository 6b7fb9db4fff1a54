// A process of its own in which the ledger is measured: what it costs, and how its peak compares with the resident set.
import { memory } from "../../profile";
import { backend, Random, tf } from "../../tensor";
import { median, medianInterval } from "../measurement";
import { Workload } from "../work";
import { forgetHighest, highestResident, ResidentSamples } from "./resident";
import type { Cost, Pass, Residence, Task } from "./task";

async function answer(task: Task): Promise<Cost | Residence> {
  const { mixer, size, seconds } = task;
  const { name } = await backend.use(task.backend);
  const workload = new Workload({ work: "forward", batch: 1, mixer, size, seconds });
  await warmUp(workload);
  const pass: Pass = { mixer, size, seconds, backend: name as Pass["backend"] };
  if (task.what === "cost") return { ...pass, ...(await cost(workload, task.repeat)) };
  return { ...pass, allocator: task.allocator, ...(await residence(workload)) };
}

/** A second of noise: loads what is loaded on first use, and brings the parameters to where they are computed with. */
async function warmUp({ model }: Workload): Promise<void> {
  const features = new Random(3).normal([1, 100, model.config.mels], 0, 1) as tf.Tensor3D;
  const logits = tf.tidy(() => model.head(model.encode({ features, lengths: [100] })));
  await logits.data();
  tf.dispose([features, logits]);
}

/** Passes with and without the ledger, in turns, after one of each: in the first ones JavaScript is compiled as it runs. */
async function cost(workload: Workload, repeat: number): Promise<Omit<Cost, keyof Pass>> {
  const times = { off: [] as number[], on: [] as number[] };
  let events = 0;
  const pass = {
    off: () => workload.pass(),
    on: async () => {
      const profile = await memory(() => workload.pass());
      events = profile.events.length;
    },
  };
  const timed = async (which: "off" | "on") => {
    const began = performance.now();
    await pass[which]();
    return (performance.now() - began) / 1000;
  };
  await timed("off");
  const first_s = await timed("on");
  for (let i = 0; i < repeat; i++) {
    for (const which of i % 2 ? (["on", "off"] as const) : (["off", "on"] as const)) {
      times[which].push(await timed(which));
    }
  }
  const ratios = times.on.map((seconds, i) => seconds / times.off[i]);
  const medians = { off_s: median(times.off), on_s: median(times.on), ratio: median(ratios) };
  return { events, first_s, ...medians, interval: medianInterval(ratios) };
}

/** One pass, by the ledger and by the system. */
async function residence(workload: Workload): Promise<Omit<Residence, keyof Pass | "allocator">> {
  const samples = new ResidentSamples();
  globalThis.gc?.();
  forgetHighest();
  const before = samples.now();
  const began = performance.now();
  const profile = await memory(() => samples.during(() => workload.pass()), { held: workload.held });
  const rss_bytes = highestResident() - before;
  const rss_after_bytes = samples.now() - before;
  const { peakBytes, heldBytes, peakMs } = profile;
  const ledger_bytes = peakBytes - heldBytes;
  const rss_at_peak_bytes = samples.until(began + peakMs) - before;
  return { ledger_bytes, rss_bytes, difference: rss_bytes / ledger_bytes - 1, rss_at_peak_bytes, rss_after_bytes };
}

process.once("disconnect", () => process.exit()); // nobody waits any more
answer(JSON.parse(process.argv[2]) as Task).then(
  (told) => process.send?.(told, () => process.exit()),
  (error: Error) => process.send?.({ error: error.message }, () => process.exit()),
);
