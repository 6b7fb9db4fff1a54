// The main thread's half of interrupting: it says what it is doing, and is told by the watchdog when to stop.
import { join } from "node:path";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { Phase, Slot } from "./phase";
import type { FromWatchdog, Message } from "./protocol";
import { dropTicks } from "./run";
import { forgetTerminated, shared, uninterrupted } from "./shared";

const running = new Set<() => void>();
const afterInterrupt = new Set<() => void>();

let watchdog: Worker;

/**
 * Starts the watchdog thread, which listens to the front process even while the main thread is busy. Whoever hears of a
 * message calls `taken` when a termination can no longer lose it; until then it is told again after one.
 */
export function startWatchdog(onMessage: (message: Message, taken: () => void) => void, onLeave: () => void): void {
  watchdog = new Worker(join(__dirname, "watchdog.js"), { workerData: shared });
  watchdog.on("message", (told: FromWatchdog) => {
    if (told.kind === "interrupt") serveInterrupt();
    else if (told.kind === "leave") onLeave();
    else if (told.number === Atomics.load(shared, Slot.taken) + 1)
      onMessage(told.message, () => Atomics.store(shared, Slot.taken, told.number));
  });
}

/** The program is loaded: from now on an interrupt may end what keeps it busy. */
export const endStarting = (): void => uninterrupted(() => void Atomics.store(shared, Slot.phase, Phase.idle));

/** A connection with the watchdog thread's sampler of memory; device/serve.ts says what to ask by it. */
export function samplerPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  watchdog.postMessage(port2, [port2]);
  return port1;
}

/** A cell begins, and is `taken`: an interrupt now calls `listener`, once, from a callback of its own. */
export function beginInterruptible(listener: () => void, taken: () => void): void {
  uninterrupted(() => {
    taken();
    running.add(listener);
    Atomics.store(shared, Slot.phase, Phase.cell);
  });
}

/** The cell is over, whichever way. Does not come back if an interrupt was faster: that ends the cell then. */
export function endInterruptible(listener: () => void): void {
  uninterrupted(() => {
    running.delete(listener);
    if (running.size === 0) Atomics.store(shared, Slot.phase, Phase.idle);
  });
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
  const { interrupted, terminated } = uninterrupted(() => {
    const listeners = [...running];
    running.clear();
    Atomics.store(shared, Slot.phase, Phase.idle);
    Atomics.store(shared, Slot.requested, 0);
    return { interrupted: listeners, terminated: Atomics.exchange(shared, Slot.terminated, 0) === 1 };
  });
  forgetTerminated();
  if (interrupted.length === 0 && !terminated) return;
  dropTicks();
  for (const listener of interrupted) listener();
  for (const repair of afterInterrupt) repair();
  setImmediate(() => {});
}
