/** Sizes of {@link noam}. */
export interface NoamOptions {
  /** Highest learning rate, reached after the warm-up (paper: 8e-4). */
  readonly peak: number;
  /** Steps of warm-up, W (paper: 25,000). */
  readonly warmup: number;
}

/**
 * Noam's schedule (Vaswani et al. 2017): peak · √W · min(n^−½, n W^−1.5) at step n = 1, 2, …: linear up to W, then as
 * 1 / √n.
 *
 * @throws RangeError for a warm-up of less than one step
 */
export function noam({ peak, warmup }: NoamOptions): (step: number) => number {
  if (!(warmup >= 1)) throw new RangeError(`Cannot warm up over ${warmup} steps: there must be one at least`);
  return (step) => peak * Math.sqrt(warmup) * Math.min(step ** -0.5, step * warmup ** -1.5);
}
