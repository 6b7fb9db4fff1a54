// The mixers beside MHSA: ratios, where curves cross, and what is saved.
import type { EfficiencyWork } from "./points";
import { type EfficiencyResult, isMeasured } from "./results";

/** A quantity of a point; undefined where it is not known. Quantities are of different kinds and never mixed. */
export interface Quantity {
  readonly name: string;
  readonly of: (result: EfficiencyResult) => number | undefined;
}

export const quantities = {
  time: { name: "time", of: (result) => (isMeasured(result) ? result.median_s : undefined) },
  rss: {
    name: "memory, growth of RSS",
    of: (result) => (isMeasured(result) ? result.rss_growth_mib * 2 ** 20 : undefined),
  },
  device: {
    name: "memory, peak of the GPU's pool",
    of: (result) => (isMeasured(result) ? result.device_peak_bytes : undefined),
  },
  planned: { name: "memory, planned op by op", of: (result) => result.planned_bytes },
} as const satisfies Record<string, Quantity>;

/** A curve over seconds of audio. */
export interface Curve {
  readonly mixer: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What is compared: results of one size and one work. */
export function curvesOf(results: readonly EfficiencyResult[], { of }: Quantity): Curve[] {
  return [...new Set(results.map(({ mixer }) => mixer))].flatMap((mixer) => {
    const points = results
      .filter((result) => result.mixer === mixer && of(result) !== undefined)
      .sort((a, b) => a.seconds - b.seconds);
    const curve = { mixer, x: points.map(({ seconds }) => seconds), y: points.map((one) => Number(of(one))) };
    return points.length > 0 ? [curve] : [];
  });
}

/** The same divided by MHSA's, where that is known. */
export function relative(curves: readonly Curve[]): Curve[] {
  const base = curves.find(({ mixer }) => mixer === "mhsa");
  if (!base) return [];
  return curves.flatMap(({ mixer, x, y }) => {
    const shared = x.flatMap((seconds, index) => {
      const place = base.x.indexOf(seconds);
      return place < 0 ? [] : [{ seconds, ratio: y[index] / base.y[place] }];
    });
    const ratios = { mixer, x: shared.map(({ seconds }) => seconds), y: shared.map(({ ratio }) => ratio) };
    return shared.length > 0 ? [ratios] : [];
  });
}

/** From which length on a curve of ratios stays below 1, between two points by a straight line. */
export function crossover({ x, y }: Curve): string {
  const above = y.findLastIndex((ratio) => ratio >= 1);
  if (above === y.length - 1) return `not up to ${x[above]} s`;
  if (above < 0) return `below ${x[0]} s`;
  const share = (y[above] - 1) / (y[above] - y[above + 1]);
  return `${Math.round(x[above] + share * (x[above + 1] - x[above]))} s`;
}

/** Where the paper tells what is saved. */
const [shortest, longest] = [20, 80];

/** The least and the most that the linear mixers save at 20 to 80 s, as a share of MHSA's; undefined where nothing is known. */
export function savings(ratios: readonly Curve[]): { least: number; most: number; seconds: number[] } | undefined {
  const linear = ratios.filter(({ mixer }) => mixer !== "mhsa");
  const points = linear.flatMap(({ x, y }) => x.map((seconds, index) => ({ seconds, saved: 1 - y[index] })));
  const inside = points.filter(({ seconds }) => seconds >= shortest && seconds <= longest);
  if (inside.length === 0) return undefined;
  const saved = inside.map((point) => point.saved);
  const seconds = [...new Set(inside.map((point) => point.seconds))].sort((a, b) => a - b);
  return { least: Math.min(...saved), most: Math.max(...saved), seconds };
}

/** What the paper says is saved. */
export const papers = { time: "7-65 %", memory: "20-60 %" };

/** Results by size and work, in the order in which they are told. */
export function settingsIn(
  results: readonly EfficiencyResult[],
): { size: string; work: EfficiencyWork; batch: number; results: EfficiencyResult[] }[] {
  const keys = [...new Set(results.map(({ size, work, batch }) => JSON.stringify({ size, work, batch })))];
  return keys.map((key) => {
    const setting = JSON.parse(key);
    const those = results.filter(({ size, work, batch }) => JSON.stringify({ size, work, batch }) === key);
    return { ...setting, results: those };
  });
}
