// What work will allocate and compute, told from shapes by running its own code on the backend "plan".
import { MemoryLog } from "../figures";
import { type Operations, planning } from "../tensor";
import { type Held, Ledger, type MemoryEvent } from "./ledger";
import { MemoryProfile } from "./memoryProfile";

/** Work that is planned, or done. */
export interface Work {
  /** Tensors alive before it that belong to the account, with paths. */
  readonly held: Held;
  /** Does it once; must not await, nor read values. */
  run(): void;
}

/** What {@link foresee} tells. */
export interface Foreseen {
  /** Every allocation and release that the ledger would record. */
  readonly trace: MemoryProfile<void>;
  readonly operations: Operations;
}

/**
 * Plans any work: `prepare` makes what it needs and gives it, `run` is recorded as {@link memory} would record it. Both
 * run on shapes alone, nothing is computed, and all that they make is gone afterwards.
 *
 * @throws Error where the work reads values, or uses an op whose result has a shape that depends on values
 * @example
 * const { trace } = profile.foresee("A product", () => {
 *   const x = tf.ones([100_000, 100_000]);
 *   return { held: [["x", x]], run: () => x.matMul(x).dispose() };
 * });
 * trace.peakBytes; // 80000000000
 */
export function foresee(title: string, prepare: () => Work): Foreseen {
  const log = new MemoryLog({ inMemory: 2 ** 16 });
  const { result: held, operations } = planning(() => record(log, prepare));
  return { trace: new MemoryProfile<void>({ title, held, returned: [], variables: [] }, undefined, log), operations };
}

/** The peak of {@link foresee} alone: nothing else is kept. */
export function foreseePeak(prepare: () => Work): number {
  const peak = new Peak();
  planning(() => record(peak, prepare));
  return peak.bytes;
}

/** @returns how many tensors were held */
function record(log: MemoryLog, prepare: () => Work): number {
  const { held, run } = prepare();
  const ledger = new Ledger(log);
  ledger.recordPlan(run, held);
  return ledger.held;
}

class Peak extends MemoryLog {
  bytes = 0;

  override append({ liveBytes }: MemoryEvent): void {
    if (liveBytes > this.bytes) this.bytes = liveBytes;
  }

  override classify(): void {}
}
