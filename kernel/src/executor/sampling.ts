// Memory over time, sampled on the watchdog thread, which goes on while a cell keeps the main thread busy: for the front
// process, and for the code of cells.
import type { MessagePort } from "node:worker_threads";
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

/** Samples for the code of cells, as it asks by `port`. */
export async function serveCells(port: MessagePort): Promise<void> {
  const [{ serve }, sampler] = await Promise.all([import("../device/index.js"), theSampler()]);
  serve(port, sampler);
}

/** Loaded on first use: until a cell runs, a kernel does without. */
function theSampler(): Promise<Sampler> {
  sampler ??= import("../device/index.js").then(({ openSampler }) => openSampler());
  return sampler;
}
