// The main thread's view of the memory it shares with the watchdog.
import { Holder, Slot } from "./phase";

export const shared = new Int32Array(new SharedArrayBuffer(4 * Slot.count));

let depth = 0;

/**
 * Runs what must not be cut in two, such as the converter; an interrupt waits for its end: the watchdog terminates only
 * while it holds the lock itself.
 */
export function uninterrupted<R>(body: () => R): R {
  if (depth === 0) lock();
  depth++;
  try {
    return body();
  } finally {
    if (--depth === 0) Atomics.store(shared, Slot.lock, Holder.nobody);
  }
}

/**
 * What is computed from now on looks at the cell's signal whenever the event loop turns, and stops in good order: an
 * interrupt waits for that, however long it takes; a second interrupt does not.
 *
 * @returns ends it
 */
export function orderly(): () => void {
  const one = {};
  underWay.add(one);
  Atomics.store(shared, Slot.orderly, underWay.size);
  return () => {
    if (underWay.delete(one) && Atomics.load(shared, Slot.orderly) > 0) {
      Atomics.store(shared, Slot.orderly, underWay.size);
    }
  };
}

const underWay = new Set<object>();

/** Where an interrupt was asked for twice, what was under way was terminated, and will not say when it ends. */
export function forgetTerminated(): void {
  if (Atomics.load(shared, Slot.orderly) === 0) underWay.clear();
}

/** Where the watchdog has been faster, the main thread is terminated in here, or woken when it was too late for that. */
function lock(): void {
  // Whoever prints all the time would hardly ever leave the lock to it.
  if (Atomics.load(shared, Slot.wanted) === 1) Atomics.wait(shared, Slot.wanted, 1);
  while (Atomics.compareExchange(shared, Slot.lock, Holder.nobody, Holder.main) === Holder.watchdog) {
    Atomics.wait(shared, Slot.lock, Holder.watchdog);
  }
}
