// Memory over time, sampled on the watchdog thread for the front process: it goes on while a cell keeps the main thread busy.
import type { Sampler } from "../device";
import type { FromSampler } from "./protocol";

let sampler: Promise<Sampler> | undefined;
let asked = 0;
let stop: () => void = () => {};

/** Samples every `intervalMs` from now on; not at all for 0. What is found goes to `tell`. */
export async function sampleEvery(intervalMs: number, tell: (message: FromSampler) => void): Promise<void> {
  const turn = ++asked;
  stop();
  if (intervalMs === 0) return;
  const loaded = await theSampler();
  if (turn !== asked) return; // asked for something else meanwhile
  stop = loaded.listen(
    {
      onDescription: (description) => tell({ kind: "description", description }),
      onValues: (timeMs, values) => tell({ kind: "values", timeMs, values }),
    },
    intervalMs,
  );
}

/** Loaded on first use: until a cell runs, a kernel does without. */
function theSampler(): Promise<Sampler> {
  sampler ??= import("../device/index.js").then(({ Sampler, probes }) => new Sampler(probes()));
  return sampler;
}
