// The memory that the main thread and the watchdog share.

/** Indices into the shared array. */
export const Slot = {
  /** What the main thread does, a {@link Phase}. It changes only while the main thread has the lock. */
  phase: 0,
  /** 1 from an interrupt's arrival until the main thread has served it. */
  requested: 1,
  /** Who does what must not be cut in two, or cuts: a {@link Holder}. */
  lock: 2,
  /** 1 while the watchdog wants the lock: the main thread leaves it then, and waits. */
  wanted: 3,
  /** The number of the latest message that the main thread has taken. */
  taken: 4,
  /** How many computations are under way that stop in good order by themselves; 0 also where nobody waits for them any more. */
  orderly: 5,
  /** 1 where the main thread was terminated and has not served the request since. */
  terminated: 6,
  count: 7,
} as const;

export const Phase = {
  /** The program itself is being loaded: cut in two, it would never work. */
  starting: 0,
  /** Nothing to interrupt. */
  idle: 1,
  /** A cell runs, or is awaited. */
  cell: 2,
} as const;

export const Holder = { nobody: 0, main: 1, watchdog: 2 } as const;
