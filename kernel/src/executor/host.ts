// What the executor offers to any library in it, under a symbol, so that none has to import the kernel.
import { openComm, registerTarget } from "./comms";
import { plain } from "./display";
import { interruptRequested, onInterrupted, samplerPort } from "./interrupts";
import type { MimeBundle } from "./protocol";
import { currentRun, publish } from "./run";
import { orderly, uninterrupted } from "./shared";

const hostSymbol = Symbol.for("Jupyter.host");

const host = {
  /** Shows `data` where the cell's outputs go, or puts it in the place of what was shown under the same id. */
  display(data: MimeBundle, metadata: Record<string, unknown>, options: { displayId?: string; update?: boolean } = {}) {
    const transient = options.displayId === undefined ? {} : { display_id: options.displayId };
    const type = options.update ? "update_display_data" : "display_data";
    publish(type, { data: plain(data), metadata: plain(metadata ?? {}), transient });
  },
  /** The cell is not over before `shown` is settled: what comes after its end is lost on many front ends. */
  waitFor(shown: Promise<unknown>) {
    currentRun().shown.push(shown);
  },
  /** Empties the cell's output; with `wait`, as soon as something new comes. */
  clearOutput(wait = false) {
    publish("clear_output", { wait });
  },
  registerTarget,
  openComm,
  /** True from the moment that someone asks for an interrupt, also while JavaScript is busy. */
  interruptRequested,
  /** Runs what must not be cut in two: an interrupt waits for its end. */
  uninterrupted,
  /** From now on an interrupt waits for the event loop to turn, unless it is asked for twice; what is returned ends that. */
  orderly,
  /** Calls back after each cell that was interrupted: one that is terminated runs no `finally`, so repair here what it left. */
  onInterrupted,
  /** A connection with a thread that samples memory, also while JavaScript is busy. */
  samplerPort,
  /** The signal of the running cell: aborted when it is interrupted. Take it as the work begins, look at it at each step. */
  get signal(): AbortSignal {
    return currentRun().abort.signal;
  },
};

/** Puts the host in its place; to be done before any cell runs. */
export function installHost(): void {
  Object.defineProperty(globalThis, hostSymbol, { value: host, configurable: true });
}
