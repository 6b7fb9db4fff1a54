// One run of a cell, and how an output finds the cell that caused it, also from a timer long after.
import { AsyncLocalStorage } from "node:async_hooks";
import { send } from "./channel";
import type { Header } from "./protocol";

export interface Run {
  parent: Header;
  silent: boolean;
  interrupted: boolean;
}

const runs = new AsyncLocalStorage<Run>();
let latest: Run = { parent: {}, silent: false, interrupted: false };

/** Runs `body`; what it starts belongs to `run`, also what it leaves behind in timers and promises. */
export function within<R>(run: Run, body: () => R): R {
  latest = run;
  return runs.run(run, body);
}

/** The run that the executing code belongs to, if any. */
export function currentRun(): Run | undefined {
  return runs.getStore();
}

/** Sends an iopub message in the name of the current run, else of the last one. */
export function publish(
  type: string,
  content: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
  buffers: Uint8Array[] = [],
): void {
  const { parent, silent } = runs.getStore() ?? latest;
  if (!silent) send({ kind: "publish", type, content, metadata, buffers, parent });
}
