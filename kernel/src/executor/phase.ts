// The memory that the main thread and the watchdog share.

/** Indices into the shared array. */
export const Slot = {
  /** What the main thread does, a {@link Phase}. */
  phase: 0,
  /** 1 from an interrupt's arrival until the main thread has served it. */
  requested: 1,
  /** Who writes to the channel, or is about to terminate who might: a {@link Holder}. */
  lock: 2,
  /** 1 while the watchdog wants the lock: the main thread leaves it then, and waits. */
  wanted: 3,
  count: 4,
} as const;

export const Phase = {
  /** Nothing to interrupt. */
  idle: 0,
  /** A cell runs, or is awaited. */
  cell: 1,
  /** The converter or another tool runs for a cell: an interrupt waits. */
  tool: 2,
} as const;

export const Holder = { nobody: 0, main: 1, watchdog: 2 } as const;
