// One run of a cell: what is shown from now on is shown below it.
import { send } from "./channel";
import type { Header } from "./protocol";

export interface Run {
  parent: Header;
  silent: boolean;
  /** Aborted when the cell is interrupted. */
  abort: AbortController;
}

export function newRun(parent: Header, silent = false): Run {
  return { parent, silent, abort: new AbortController() };
}

// Node has no way to tell, at a bearable price, which cell a timer or a promise belongs to: AsyncLocalStorage rests on
// async hooks, and those do not survive that a cell is terminated. So what comes late is shown below the latest cell.
let current = newRun({});

/** The run that outputs belong to now. */
export function currentRun(): Run {
  return current;
}

/** From now on outputs belong to `run`. */
export function beginRun(run: Run): void {
  current = run;
}

/** Outputs belong to `run` while `body` runs. */
export function during(run: Run, body: () => void): void {
  const before = current;
  current = run;
  try {
    body();
  } finally {
    current = before;
  }
}

/** Sends an iopub message in the name of the current run. */
export function publish(
  type: string,
  content: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
  buffers: Uint8Array[] = [],
): void {
  const { parent, silent } = current;
  if (!silent) send({ kind: "publish", type, content, metadata, buffers, parent });
}
