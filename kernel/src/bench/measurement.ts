// What is known of a case after it ran; the fields of a line of `bestrq bench --json` and of data/results.
import type { Case } from "./work";

/** What one case took, ours: times in seconds. */
export interface Measurement {
  readonly backend: string;
  readonly mixer: string;
  readonly size: string;
  readonly parameters: number;
  /** Length of the input. */
  readonly seconds: number;
  readonly batch: number;
  readonly threads: number;
  readonly work: "forward" | "forward+backward";
  /** Fastest pass. */
  readonly best_s: number;
  /** Most bytes of tensors alive at once in an eager pass of its own, by the ledger; null where that pass failed. */
  readonly peak_bytes: number | null;
  /** Most memory of the process, which did nothing else, before that pass. */
  readonly peak_rss_mib: number;
  readonly median_s: number;
  /** Slowest pass. */
  readonly worst_s: number;
  /** The pass before those that count. */
  readonly first_s: number;
  /** What compiling took of that: `jit` on the backend `tensorflow`. */
  readonly compile_s: number;
  /** Timed passes. */
  readonly repeat: number;
  /** Fastest pass of each process that measured it, one for each round of an alternation. */
  readonly rounds_s: readonly number[];
  /** Floating-point operations per second, products and convolutions alone, in the fastest pass. */
  readonly gflops_per_s: number;
  /** The same as a share of what a large matrix product reached, at the start or in the same processes, 0 to 1. */
  readonly limit_share: number;
}

/** The same of another program that does the same work. It may tell more. */
export interface PeerMeasurement {
  /** Its name and version: `torch 2.15.0`. */
  readonly peer: string;
  readonly mixer: string;
  readonly seconds: number;
  readonly work: Measurement["work"];
  readonly best_s: number;
  readonly peak_rss_mib?: number;
  readonly rounds_s: readonly number[];
}

/** A case that could not be measured. */
export interface Failure {
  readonly mixer: string;
  readonly size: string;
  readonly seconds: number;
  readonly batch: number;
  readonly work: Measurement["work"];
  /** That it was the other program's. */
  readonly peer?: string;
  readonly error: string;
}

/** What becomes of a case, on either side. */
export type Result = Measurement | PeerMeasurement | Failure;

export const workName = (work: Case["work"]): Measurement["work"] => (work === "train" ? "forward+backward" : work);

/** Milliseconds to four digits: what lies below is noise. */
export const rounded = (value: number): number => Number(value.toPrecision(4));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

/**
 * The interval that holds the true median 95 times of 100, whatever the values' distribution: the values of two ranks, as far
 * from the middle one as a fair coin's count of heads strays. Of fewer than six values it is all of them, and holds it less often.
 */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const low = Math.max(0, Math.floor((sorted.length - 1) / 2 - 0.98 * Math.sqrt(sorted.length)));
  return [sorted[low], sorted[sorted.length - 1 - low]];
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
