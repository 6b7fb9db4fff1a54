// The main thread's half of interrupting: it says what it is doing, and is told by the watchdog when to stop.
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Phase, Slot } from "./phase";
import { shared } from "./shared";

const running = new Set<() => void>();
const afterInterrupt = new Set<() => void>();

/** Starts the watchdog thread, which listens to the front process even while the main thread is busy. */
export function startWatchdog(): void {
  const watchdog = new Worker(join(__dirname, "watchdog.js"), { workerData: shared });
  watchdog.on("message", serveInterrupt);
  watchdog.unref();
}

/** A cell begins: an interrupt now calls `listener`, once, from a callback of its own. */
export function beginInterruptible(listener: () => void): void {
  running.add(listener);
  Atomics.store(shared, Slot.phase, Phase.cell);
}

/** The cell is over, whichever way. */
export function endInterruptible(listener: () => void): void {
  running.delete(listener);
  if (running.size === 0) Atomics.store(shared, Slot.phase, Phase.idle);
}

/** Runs what must not be cut in two, such as the converter; an interrupt then waits for its end. */
export function uninterrupted<R>(body: () => R): R {
  const before = Atomics.exchange(shared, Slot.phase, Phase.tool);
  try {
    return body();
  } finally {
    Atomics.store(shared, Slot.phase, before);
  }
}

/** True from the moment that someone asks for an interrupt: a loop that looks at it can stop in good order. */
export function interruptRequested(): boolean {
  return Atomics.load(shared, Slot.requested) === 1;
}

/** From now on `listener` is called after each cell that was interrupted, before the next one runs. */
export function onInterrupted(listener: () => void): void {
  afterInterrupt.add(listener);
}

function serveInterrupt(): void {
  const interrupted = [...running];
  running.clear();
  Atomics.store(shared, Slot.phase, Phase.idle);
  Atomics.store(shared, Slot.requested, 0);
  if (interrupted.length === 0) return;
  for (const listener of interrupted) listener();
  for (const repair of afterInterrupt) repair();
}
