// Measures point after point, and plans what cannot be measured.
import { loadavg } from "node:os";
import type { BackendName } from "../../tensor";
import { median, rounded } from "../measurement";
import { timed } from "./apart";
import type { Point } from "./points";
import { type EfficiencyResult, isMeasured, type MeasuredPoint } from "./results";
import { planned } from "./work";

/** How points are measured. */
export interface Protocol {
  readonly backend: BackendName;
  readonly threads: number;
  /** Timed runs of a point (paper: 10). */
  readonly runs: number;
  /** Seconds after which three runs of a point are enough. */
  readonly limit: number;
}

/** Measures a point, or says why it was only planned. `known` is what has been measured before: it tells what will fit. */
export async function measurePoint(
  { planned: isPlanned, ...point }: Point,
  protocol: Protocol,
  known: readonly EfficiencyResult[],
): Promise<EfficiencyResult> {
  const { bytes: planned_bytes, flops, parameters } = planned(point);
  const about = { ...point, parameters, flops, planned_bytes };
  if (isPlanned) return { ...about, planned: "for its length" };
  if (likelyShare(point, known) * planned_bytes > process.availableMemory()) {
    return { ...about, planned: "memory" };
  }
  try {
    return { ...about, ...(await measured(point, protocol)) };
  } catch (error) {
    return { ...about, planned: error instanceof RangeError ? "memory" : (error as Error).message };
  }
}

async function measured(point: Omit<Point, "planned">, protocol: Protocol): Promise<Omit<MeasuredPoint, keyof Case>> {
  const [before] = loadavg();
  const { engine, times_s, first_s, compile_s, ...memory } = await timed({ point, ...protocol });
  const [after] = loadavg();
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  return {
    backend: engine.name,
    device: engine.device,
    threads: engine.threads,
    runs: times_s.length,
    min_s: rounded(Math.min(...times_s)),
    median_s: rounded(median(times_s)),
    max_s: rounded(Math.max(...times_s)),
    first_s: rounded(first_s),
    compile_s: rounded(compile_s),
    rss_peak_mib: mebibytes(memory.rss_peak_bytes),
    rss_growth_mib: mebibytes(memory.rss_growth_bytes),
    ...(memory.device_peak_bytes === undefined ? {} : { device_peak_bytes: memory.device_peak_bytes }),
    load: [rounded(before), rounded(after)],
  };
}
type Case = Omit<Point, "planned"> & { parameters: number; flops: number; planned_bytes: number };

/**
 * What a process grows by is less than what is planned op by op, as `jit` keeps less: the share of it that shorter
 * inputs took.
 */
function likelyShare(point: Omit<Point, "planned">, known: readonly EfficiencyResult[]): number {
  const alike = known
    .filter(isMeasured)
    .filter(({ work, mixer }) => work === point.work && mixer === point.mixer)
    .sort((a, b) => a.planned_bytes - b.planned_bytes);
  const longest = alike.at(-1);
  return longest ? (longest.rss_growth_mib * 2 ** 20) / longest.planned_bytes : 0.2;
}
