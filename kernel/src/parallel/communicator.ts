/**
 * The processes of one training run, as each of them sees it. What all take part in (`sum`, `broadcast`, `barrier`,
 * `close`) every process calls in the same order; calls that are not awaited wait for one another, and go on beside what
 * the process computes.
 */
export interface Communicator {
  /** Number of this process: 0, 1, …, size − 1. The one that writes is 0. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /**
   * Replaces the values by their sums over all processes, bit for bit the same in each. The array must not be touched
   * until then.
   */
  sum(values: Float32Array | Float64Array): Promise<void>;
  /** Replaces the bytes by those of the process `root` (default 0). All give as many. */
  broadcast(bytes: Uint8Array, root?: number): Promise<void>;
  /** Goes on when all have come here. */
  barrier(): Promise<void>;
  /** Ends all processes at once, and says which one gave up and why. */
  abort(reason: string): never;
  /** Leaves, when all do. Nothing may be called afterwards. */
  close(): Promise<void>;
}

/** A run of one process: nothing to exchange. */
export const alone: Communicator = {
  rank: 0,
  size: 1,
  async sum() {},
  async broadcast() {},
  async barrier() {},
  abort(reason) {
    throw new Error(reason);
  },
  async close() {},
};
