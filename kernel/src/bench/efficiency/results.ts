// What becomes of a point; the fields of data/results/<machine>-efficiency.json.
import type { Point } from "./points";

/** A point, and what was planned for it. */
interface Case extends Omit<Point, "planned"> {
  readonly parameters: number;
  /** Products and convolutions of a pass. */
  readonly flops: number;
  /** Most bytes of tensors alive at once, op by op, as planned: what was not measured has this alone. */
  readonly planned_bytes: number;
}

/** A point that was measured: times in seconds, of all runs but the first. */
export interface MeasuredPoint extends Case {
  readonly backend: string;
  readonly device: string;
  readonly threads: number;
  /** Timed runs. */
  readonly runs: number;
  readonly min_s: number;
  readonly median_s: number;
  readonly max_s: number;
  /** The run before them, and what compiling took of it. */
  readonly first_s: number;
  readonly compile_s: number;
  /** Most memory of the process, in MiB, and by how much it grew since before the model was made. */
  readonly rss_peak_mib: number;
  readonly rss_growth_mib: number;
  /** The most that was held of CUDA's pool; only on such a GPU. */
  readonly device_peak_bytes?: number;
  /** Mean number of programs that wanted to run, of the minute before and of the minute at the end. */
  readonly load: readonly [before: number, after: number];
}

/** A point that was planned only. */
export interface PlannedPoint extends Case {
  /** Why. */
  readonly planned: string;
}

export type EfficiencyResult = MeasuredPoint | PlannedPoint;

export const isMeasured = (result: EfficiencyResult): result is MeasuredPoint => "median_s" in result;

/** Whether both are of the same point. */
export const isSamePoint = (a: Omit<Point, "planned">, b: Omit<Point, "planned">): boolean =>
  (["work", "size", "mixer", "seconds", "batch"] as const).every((name) => a[name] === b[name]);
