// The main thread's view of the memory it shares with the watchdog.
import { Holder, Slot } from "./phase";

export const shared = new Int32Array(new SharedArrayBuffer(4 * Slot.count));

/** Runs what the watchdog must not cut in two: it terminates only while it holds this lock itself. */
export function locked(body: () => void): void {
  // Whoever prints all the time would hardly ever leave the lock to the watchdog.
  if (Atomics.load(shared, Slot.wanted) === 1) Atomics.wait(shared, Slot.wanted, 1);
  while (Atomics.compareExchange(shared, Slot.lock, Holder.nobody, Holder.main) === Holder.watchdog) {
    Atomics.wait(shared, Slot.lock, Holder.watchdog); // terminated here, or woken when it was too late for that
  }
  try {
    body();
  } finally {
    Atomics.store(shared, Slot.lock, Holder.nobody);
  }
}
