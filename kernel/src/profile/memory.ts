import { type Displayable, display, displaySymbol, LiveTrace, memoryTrace } from "../figures";
import type { tf } from "../tensor";
import { Ledger, type MemoryEvent } from "./ledger";

/** What a run allocated, when, and in which layer. A notebook shows it as a trace over time. */
export class MemoryProfile<R> implements Displayable {
  /** Most bytes alive at once, those of `held` tensors included. */
  readonly peakBytes: number;
  /** Bytes alive at that moment by layer, largest first. */
  readonly atPeak: readonly { readonly layer: string; readonly bytes: number }[];
  /** Bytes that the body allocated and did not release. */
  readonly keptBytes: number;

  constructor(
    readonly title: string,
    /** What the body returned. */
    readonly result: R,
    /** Every allocation and release, in order. */
    readonly events: readonly MemoryEvent[],
    /** Bytes of the `held` tensors. */
    readonly heldBytes: number,
  ) {
    this.peakBytes = events.reduce((peak, { liveBytes }) => Math.max(peak, liveBytes), 0);
    this.keptBytes = (events.at(-1)?.liveBytes ?? 0) - heldBytes;
    const peak = events.findIndex(({ liveBytes }) => liveBytes === this.peakBytes);
    const alive = new Map<string, number>();
    for (const { layer, deltaBytes } of events.slice(0, peak + 1)) {
      alive.set(layer, (alive.get(layer) ?? 0) + deltaBytes);
    }
    this.atPeak = [...alive]
      .map(([layer, bytes]) => ({ layer, bytes }))
      .filter(({ bytes }) => bytes > 0)
      .sort((a, b) => b.bytes - a.bytes);
  }

  [displaySymbol]() {
    return memoryTrace({ title: this.title, events: this.events })[displaySymbol]();
  }
}

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** What the figure is called (default: "Memory"). */
  readonly title?: string;
  /** Tensors alive already that belong to the account, with paths: `model.entries()`. */
  readonly held?: readonly [path: string, tensor: tf.Tensor][];
  /** Shows the trace at once and lets it grow while the body runs; the body should await now and then (default false). */
  readonly live?: boolean;
}

/**
 * Runs `body` once and records every allocation and release of the backend, with the layer (by `span`) and the op
 * behind it, forward and backward. The same work gives the same account on every backend; what a kernel uses inside
 * itself is not seen.
 *
 * @throws Error where another recording is under way
 * @example
 * const { peakBytes } = await profile.memory(() => tf.tidy(() => tf.ones([1000, 10]).sum().arraySync()));
 * peakBytes; // 40004
 */
export async function memory<R>(
  body: () => R | Promise<R>,
  { title = "Memory", held = [], live = false }: MemoryOptions = {},
): Promise<MemoryProfile<R>> {
  const events: MemoryEvent[] = [];
  const trace = live ? new LiveTrace({ title }) : undefined;
  if (trace) display(trace);
  const tell = (event: MemoryEvent) => {
    events.push(event);
    trace?.append([event]);
  };
  const ledger = new Ledger(tell, () => trace?.finish());
  const result = await ledger.record(body, held);
  return new MemoryProfile(title, result, events, events[held.length - 1]?.liveBytes ?? 0);
}
