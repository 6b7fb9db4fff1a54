import type { MixerName, Size } from "../../bestrq";
import type { BackendName } from "../../tensor";

/** A model on one utterance of noise, op by op, as it runs while the ledger records. */
export interface Pass {
  readonly mixer: MixerName;
  readonly size: Size;
  /** Length of the input. */
  readonly seconds: number;
  readonly backend: BackendName;
}

/**
 * Who hands out memory on the CPU: TensorFlow's own `pool`, which keeps what is released, or the system, where each tensor
 * of 1 MiB and more is a mapping of its own and given back at once.
 */
export type Allocator = "pool" | "system";

/** What is measured of the ledger. */
export type Task = Pass &
  (
    | { readonly what: "cost" /** Passes with, and as many without. */; readonly repeat: number }
    | { readonly what: "residence"; readonly allocator: Allocator }
  );

/** What recording costs. */
export interface Cost extends Pass {
  /** Allocations and releases of a pass. */
  readonly events: number;
  /** The first recording of the process. */
  readonly first_s: number;
  /** Median pass without the ledger. */
  readonly off_s: number;
  /** Median pass with it. */
  readonly on_s: number;
  /** Median of what each recorded pass takes of the other pass of its turn: what slows both does not count. */
  readonly ratio: number;
  /** The 95 % interval of that median. */
  readonly interval: readonly [low: number, high: number];
}

/** What a pass takes beyond parameters and input, by the ledger and by the system. */
export interface Residence extends Pass {
  readonly allocator: Allocator;
  /** Most at once, by the ledger. */
  readonly ledger_bytes: number;
  /** Growth of the resident set at its highest. */
  readonly rss_bytes: number;
  /** How much more that is, as a share of the ledger's peak. */
  readonly difference: number;
  /** Growth of the resident set until the ledger's peak. */
  readonly rss_at_peak_bytes: number;
  /** Growth that is left when the pass has ended and every tensor of it was released. */
  readonly rss_after_bytes: number;
}
