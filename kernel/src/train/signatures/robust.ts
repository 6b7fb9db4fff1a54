// Statistics that a few wild values do not move.

/** The middle value; of an even count, the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/** The median distance from the median, times 1.4826: the standard deviation, were the values normally distributed. */
export function deviation(values: readonly number[]): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

/** Adds a value at the end of a window of so many, and drops the oldest. */
export function remember(window: number[], value: number, length: number): void {
  window.push(value);
  if (window.length > length) window.splice(0, window.length - length);
}
