// What one function was compiled to: once for each set of shapes, and only where that pays.
import type { TensorFlowBackend } from "../tensorflow/backend";
import { Compiled } from "./compiled";
import { isTapeOn, wantedIds } from "./tape";
import { trace } from "./trace";
import type { Leaf } from "./trees";

/** How `jit` compiles. */
export interface JitOptions {
  /** Whether XLA compiles the function (default), or TensorFlow runs its ops as they are, with nothing in between. */
  readonly xla?: boolean;
  /** What happens where it cannot be compiled: an error that says why (default), or running it op by op. */
  readonly fallback?: "error" | "eager";
  /** Sets of shapes that are kept compiled; the one not used for longest goes first (default 16). */
  readonly cache?: number;
  /**
   * Compiles small work only where it is called so often with the same shapes that it pays (default: at the first
   * call): the first calls run op by op, later ones as a TensorFlow function, in the end compiled by XLA. How many calls
   * each takes depends on the shapes alone, not on measured time, so that a program gives the same numbers whenever it
   * is run. Work on 2^18 numbers or more is compiled at once: op by op it takes too long, and too much memory.
   */
  readonly patient?: boolean;
}

/** One set of shapes. */
interface Entry {
  calls: number;
  compiled?: Compiled;
  /** Whether it cannot be compiled. */
  refused?: boolean;
}

/** How many ask that what is compiled depends on shapes alone, not on how often they were met: see `jit.steady`. */
export const steady = { holders: 0 };

/** Calls after which recording has paid: it takes as long as about so many calls op by op, as long as they win. */
const callsBeforeRecording = 4;
/** Numbers that a function is given, weights included, from which on nothing is gained by waiting. */
const large = 2 ** 18;
/** Sets of shapes whose calls are counted. */
const counted = 256;

/** The compiled forms of one function, the ones used last. */
export class Cache {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly f: (...args: unknown[]) => unknown,
    private readonly options: JitOptions,
  ) {}

  /** What to run for these arguments; undefined where the function itself should run. */
  get(
    backend: TensorFlowBackend,
    args: readonly unknown[],
    leaves: readonly Leaf[],
    shapes: string,
  ): Compiled | undefined {
    const wanted = isTapeOn() ? wantedIds() : undefined;
    const positions = wanted && leaves.flatMap((leaf, index) => ("id" in leaf && wanted.has(leaf.id) ? [index] : []));
    const entry = this.entry(`${positions ?? ""} ${shapes}`);
    entry.calls++;
    const { xla = true, fallback = "error" } = this.options;
    const patient = this.options.patient && sizeOf(leaves) < large;
    const waits = patient && steady.holders === 0;
    if (entry.refused || (waits && entry.calls <= callsBeforeRecording)) return undefined;
    if (!entry.compiled?.serves(wanted)) {
      entry.compiled?.dispose();
      entry.compiled = undefined;
    }
    try {
      entry.compiled ??= new Compiled(backend, trace(backend, this.f, args, wanted), xla && !patient);
      if (xla && waits && entry.calls > entry.compiled.callsBeforeXla) entry.compiled.useXla();
    } catch (error) {
      if (fallback === "error") throw error;
      entry.refused = true;
    }
    this.evict();
    return entry.compiled;
  }

  dispose(): void {
    for (const { compiled } of this.entries.values()) compiled?.dispose();
    this.entries.clear();
  }

  /** The entry of a key, now the last in order. */
  private entry(key: string): Entry {
    const entry = this.entries.get(key) ?? { calls: 0 };
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  private evict(): void {
    const { cache = 16 } = this.options;
    const compiled = [...this.entries.values()].filter((entry) => entry.compiled);
    for (const entry of compiled.slice(0, Math.max(0, compiled.length - cache))) {
      entry.compiled?.dispose();
      Object.assign(entry, { calls: 0, compiled: undefined });
    }
    if (this.entries.size > counted) {
      const [oldest, { compiled }] = this.entries.entries().next().value as [string, Entry];
      compiled?.dispose();
      this.entries.delete(oldest);
    }
  }
}

const sizeOf = (leaves: readonly Leaf[]): number =>
  leaves.reduce((sum, leaf) => sum + ("size" in leaf ? leaf.size : 0), 0);
