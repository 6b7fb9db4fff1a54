import type { BestRq, BestRqOptions } from "../bestrq";
import { bytes as readable } from "../figures";
import { type Plan, plan, planPeak } from "./plan";
import type { WorkOptions } from "./work";

/** What {@link fit} is asked. */
export type FitOptions = (BestRqOptions | { readonly model: BestRq }) &
  Partial<WorkOptions> & {
    /** What there is: no more may be alive at once. */
    readonly bytes: number;
  };

/** The largest input that fits. */
export interface Fit {
  /** Length of each utterance, to 10 ms. */
  readonly seconds: number;
  readonly batch: number;
  /** What it takes. */
  readonly plan: Plan;
}

/** Four frames are the shortest input that can be masked; a day, and a batch that no device has, end the search. */
const limits = { frames: [4, 8_640_000], batch: [1, 65_536] } as const;

/**
 * The longest input, or the largest batch, that a model can take in a memory budget: given `seconds`, the batch; otherwise
 * the length in a `batch` of so many (default 1). Found by planning ({@link plan}), some ten times.
 *
 * @throws RangeError where not even the smallest input fits: 0.04 s, or a batch of 1; or where both sizes are given
 * @example
 * profile.fit({ bytes: 8 * 2 ** 30, mixer: "mamba", size: "tiny", train: true }).seconds;
 */
export function fit({ bytes, seconds, batch, train = false, ...what }: FitOptions): Fit {
  if (!(bytes > 0)) throw new RangeError(`Cannot fit a model into memory: bytes must be positive, got ${bytes}`);
  if (seconds !== undefined && batch !== undefined) {
    throw new RangeError(
      "Cannot fit a model into memory: give seconds for the largest batch or batch for the longest input, got both",
    );
  }
  const model = "model" in what ? what.model : what;
  const work = (size: number): WorkOptions =>
    seconds === undefined ? { seconds: size / 100, batch, train } : { seconds, batch: size, train };
  const [least, most] = seconds === undefined ? limits.frames : limits.batch;
  const size = largest(least, most, bytes, (candidate) => planPeak(model, work(candidate)));
  if (size === undefined) {
    const { config, work: smallest, peakBytes } = plan(model, work(least));
    throw new RangeError(
      `Cannot fit ${config.mixer} into ${readable(bytes)}: ${train ? "a training step" : "inference"} on ` +
        `${smallest.batch} × ${smallest.seconds} s takes ${readable(peakBytes)}. Take a smaller size, or more memory`,
    );
  }
  const best = plan(model, work(size));
  return { seconds: best.work.seconds, batch: best.work.batch, plan: best };
}

/** The largest whole number from `least` to `most` whose cost, which grows with it, is within the budget. */
export function largest(
  least: number,
  most: number,
  budget: number,
  cost: (size: number) => number,
): number | undefined {
  let [low, lowCost] = [least, cost(least)];
  if (lowCost > budget) return undefined;
  let [high, highCost] = [low, lowCost];
  while (highCost <= budget) {
    if (high === most) return most;
    [low, lowCost] = [high, highCost];
    high = Math.min(most, high * 4);
    highCost = cost(high);
  }
  // Between two sizes the cost is nearly a line; where it is not, every other guess is the middle.
  for (let turn = 0; high - low > 1; turn++) {
    const share = turn % 3 === 2 ? 0.5 : (budget - lowCost) / (highCost - lowCost);
    const guess = Math.min(high - 1, Math.max(low + 1, Math.floor(low + share * (high - low))));
    const guessed = cost(guess);
    if (guessed <= budget) [low, lowCost] = [guess, guessed];
    else [high, highCost] = [guess, guessed];
  }
  return low;
}
