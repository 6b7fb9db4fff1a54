// What a map says in numbers. Rows are first made shares: w_ij / Σ_j w_ij.

/** A map in numbers. */
export interface MapNumbers {
  /** How far a frame hears: Σ_j share_ij |i − j|, averaged over the rows, in seconds. */
  readonly meanDistance: number;
  /** Share of the weight on frames within 0.2 s, averaged over the rows. */
  readonly locality: number;
  /** Entropy of a row by that of equal shares, averaged: 0 is one frame alone, 1 is all frames alike. */
  readonly entropy: number;
  /** What a row has in common with the average row, averaged: 1 where all output frames hear the same. */
  readonly similarity: number;
  /** entropy × similarity: 1 where all frames are treated alike, by all frames. */
  readonly overAggregation: number;
}

/** From here on a map is said to over-aggregate. */
export const overAggregates = 0.9;

const near = 0.2;

/** The numbers of a square map, row by row; weights with signs count by their size. */
export function numbersOf(values: Float32Array, frames: number, frameSeconds: number): MapNumbers {
  const sums = new Float64Array(frames);
  const average = new Float64Array(frames);
  for (let i = 0; i < frames; i++) {
    for (let j = 0; j < frames; j++) sums[i] += Math.abs(values[i * frames + j]);
    if (sums[i] === 0) continue;
    for (let j = 0; j < frames; j++) average[j] += Math.abs(values[i * frames + j]) / sums[i];
  }
  const rows = sums.reduce((count, sum) => count + (sum > 0 ? 1 : 0), 0);
  const reach = near / frameSeconds + 1e-9;
  let [distance, local, information, common] = [0, 0, 0, 0];
  for (let i = 0; i < frames; i++) {
    if (sums[i] === 0) continue;
    for (let j = 0; j < frames; j++) {
      const share = Math.abs(values[i * frames + j]) / sums[i];
      if (share === 0) continue;
      const away = Math.abs(i - j);
      distance += share * away;
      if (away <= reach) local += share;
      information -= share * Math.log(share);
      common += Math.min(share, average[j] / rows);
    }
  }
  const entropy = frames > 1 ? information / rows / Math.log(frames) : 0;
  const similarity = common / rows;
  return {
    meanDistance: (distance / rows) * frameSeconds,
    locality: local / rows,
    entropy,
    similarity,
    overAggregation: entropy * similarity,
  };
}
