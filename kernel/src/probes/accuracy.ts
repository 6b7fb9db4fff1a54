// How sure one can be of an accuracy.

/** A share of right guesses with its 95 % confidence interval. */
export interface Accuracy {
  /** Right guesses among all, 0 to 1. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** Guesses. */
  readonly of: number;
}

/** Of the normal distribution, for 95 %. */
const quantile = 1.959964;

/**
 * The accuracy of guesses, with Wilson's interval (1927), which holds for few guesses and near 0 and 1, too.
 *
 * @throws RangeError where nothing was guessed
 * @example
 * probes.accuracyOf([true, true, true, false]).share; // 0.75
 */
export function accuracyOf(right: readonly boolean[]): Accuracy {
  const of = right.length;
  if (of === 0) throw new RangeError("Cannot tell an accuracy: there must be guesses, got none");
  const share = right.filter(Boolean).length / of;
  const z = quantile ** 2 / of;
  const centre = (share + z / 2) / (1 + z);
  const half = (quantile / (1 + z)) * Math.sqrt((share * (1 - share)) / of + z / (4 * of));
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half), of };
}

/** A difference of two accuracies, with its 95 % confidence interval. */
export type Margin = Pick<Accuracy, "share" | "low" | "high">;

/**
 * By how much one way of guessing is better than another on the same recordings, over several trials (seeds) of each:
 * the mean over recordings of the difference of their shares of right trials. Paired, so that a recording that is hard
 * for both does not blur it. The interval is that of other recordings of the same people, not of other seeds.
 *
 * @param better for each trial, for each recording in the same order: whether it was guessed right
 * @throws RangeError where trials differ in recordings, or there are fewer than two recordings
 */
export function margin(better: readonly (readonly boolean[])[], worse: readonly (readonly boolean[])[]): Margin {
  const count = better[0]?.length ?? 0;
  if (count < 2 || worse.length === 0 || [...better, ...worse].some(({ length }) => length !== count))
    throw new RangeError(
      "Cannot compare guesses: every trial must have guessed the same two recordings or more, got " +
        `${[...better, ...worse].map(({ length }) => length).join(", ") || "none"}`,
    );
  const shares = (trials: readonly (readonly boolean[])[], recording: number) =>
    trials.filter((right) => right[recording]).length / trials.length;
  const differences = Array.from({ length: count }, (_, index) => shares(better, index) - shares(worse, index));
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = quantile * Math.sqrt(variance / count);
  return { share: mean, low: mean - half, high: mean + half };
}
