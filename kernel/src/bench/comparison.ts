// Ours beside another program's: ratios of times, ours / theirs, below 1 where ours is faster.
import { geometricMean, type Measurement, type PeerMeasurement, type Result, rounded } from "./measurement";

/** Both programs at one case. */
export interface Comparison {
  readonly work: Measurement["work"];
  readonly mixer: string;
  readonly seconds: number;
  readonly peer: string;
  /** Of the fastest passes. */
  readonly ratio: number;
  /** Of the fastest passes of each round: smallest and largest. */
  readonly ratio_low: number;
  readonly ratio_high: number;
  /** Of peak memory; null where the other program does not tell. */
  readonly rss_ratio: number | null;
}

/** All comparisons of one work. */
export interface Summary {
  readonly work: Measurement["work"];
  readonly peer: string;
  readonly cases: number;
  readonly geometric_mean: number;
  readonly worst: number;
  readonly worst_case: string;
  /** Geometric mean of Mamba's alone. */
  readonly mamba: number | null;
}

export const isOurs = (result: Result): result is Measurement => !("error" in result) && !("peer" in result);
export const isPeer = (result: Result): result is PeerMeasurement => !("error" in result) && "peer" in result;

/** The peer's result for the same case of the same run. */
export const peerOf = (ours: Measurement, results: readonly Result[]): PeerMeasurement | undefined =>
  results
    .filter(isPeer)
    .find(({ work, mixer, seconds }) => work === ours.work && mixer === ours.mixer && seconds === ours.seconds);

export function compared(ours: Measurement, theirs: PeerMeasurement): Comparison {
  const rounds = ours.rounds_s.flatMap((time, i) => (theirs.rounds_s[i] ? [time / theirs.rounds_s[i]] : []));
  return {
    work: ours.work,
    mixer: ours.mixer,
    seconds: ours.seconds,
    peer: theirs.peer,
    ratio: rounded(ours.best_s / theirs.best_s),
    ratio_low: rounded(Math.min(...rounds)),
    ratio_high: rounded(Math.max(...rounds)),
    rss_ratio: theirs.peak_rss_mib ? rounded(ours.peak_rss_mib / theirs.peak_rss_mib) : null,
  };
}

/** Every case of a run that both programs did. */
export const comparisonsIn = (results: readonly Result[]): Comparison[] =>
  results.filter(isOurs).flatMap((ours) => {
    const theirs = peerOf(ours, results);
    return theirs ? [compared(ours, theirs)] : [];
  });

/** One summary for each kind of work. */
export function summaries(comparisons: readonly Comparison[]): Summary[] {
  return [...new Set(comparisons.map(({ work }) => work))].map((work) => {
    const those = comparisons.filter((one) => one.work === work);
    const mean = (some: readonly Comparison[]) => rounded(geometricMean(some.map(({ ratio }) => ratio)));
    const worst = those.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    const mamba = those.filter(({ mixer }) => mixer === "mamba");
    return {
      work,
      peer: worst.peer,
      cases: those.length,
      geometric_mean: mean(those),
      worst: worst.ratio,
      worst_case: `${worst.mixer}, ${worst.seconds} s`,
      mamba: mamba.length > 0 ? mean(mamba) : null,
    };
  });
}
