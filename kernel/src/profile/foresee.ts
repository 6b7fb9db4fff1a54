// What work will allocate and compute, told from shapes by running its own code on the backend "plan".
import { MemoryLog } from "../figures";
import { type Operations, planning } from "../tensor";
import { type Held, Ledger } from "./ledger";
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
 */
export function foresee(title: string, prepare: () => Work): Foreseen {
  const { result: trace, operations } = planning(() => {
    const { held, run } = prepare();
    const log = new MemoryLog({ inMemory: 2 ** 16 });
    const ledger = new Ledger(log);
    ledger.recordPlan(run, held);
    return new MemoryProfile<void>({ title, held: ledger.held, returned: [] }, undefined, log);
  });
  return { trace, operations };
}
