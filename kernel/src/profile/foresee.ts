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
  /** Most bytes alive at once: the trace's, at hand. */
  readonly peakBytes: number;
  readonly operations: Operations;
}

/**
 * Plans any work: `prepare` makes what it needs and gives it, `run` is recorded as {@link memory} would record it. Both
 * run on shapes alone, nothing is computed, and all that they make is gone afterwards.
 *
 * @throws Error where the work reads values, or uses an op whose result has a shape that depends on values
 * @example
 * const { peakBytes } = profile.foresee("A product", () => {
 *   const x = tf.fill<tf.Rank.R2>([100_000, 100_000], 1);
 *   return { held: [["x", x]], run: () => x.matMul(x).dispose() };
 * });
 * peakBytes; // 80000000000
 */
export function foresee(title: string, prepare: () => Work): Foreseen {
  const log = new PlanLog(true);
  const { result: held, operations } = planning(() => record(log, prepare));
  const trace = new MemoryProfile<void>({ title, held, returned: [], variables: [] }, undefined, log);
  return { trace, peakBytes: log.peakBytes, operations };
}

/** The peak of {@link foresee} alone: nothing else is kept. */
export function foreseePeak(prepare: () => Work): number {
  const log = new PlanLog(false);
  planning(() => record(log, prepare));
  return log.peakBytes;
}

/** @returns how many tensors were held */
function record(log: MemoryLog, prepare: () => Work): number {
  const { held, run } = prepare();
  const ledger = new Ledger(log);
  ledger.recordPlan(run, held);
  return ledger.held;
}

/** Knows the peak without another look at all events. */
class PlanLog extends MemoryLog {
  peakBytes = 0;

  /** @param keeps whether events are kept, not the peak alone */
  constructor(private readonly keeps: boolean) {
    super({ inMemory: 2 ** 16 });
  }

  override append(event: MemoryEvent): void {
    if (event.liveBytes > this.peakBytes) this.peakBytes = event.liveBytes;
    if (this.keeps) super.append(event);
  }

  override classify(tensor: number, kind: string): void {
    if (this.keeps) super.classify(tensor, kind);
  }
}
