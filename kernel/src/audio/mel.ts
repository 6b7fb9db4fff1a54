import { sampleRate } from "./resample";
import { bins, windowLength } from "./spectrum";

/**
 * Triangular filters on the mel scale 2595 log10(1 + f / 700), 0 to 8 kHz. As in SpeechBrain, both slopes of a filter
 * are as steep as the distance to its lower neighbour makes them.
 *
 * @returns [201, mels] in row-major order: the weight of each frequency (steps of 40 Hz) in each filter
 */
export function melFilters(mels = 80): Float32Array {
  if (!Number.isInteger(mels) || mels < 1)
    throw new RangeError(`Cannot make mel filters: their number must be a positive integer, got ${mels}`);
  const edges = melEdges(mels);
  const filters = new Float32Array(bins * mels);
  for (let bin = 0; bin < bins; bin++) {
    const frequency = (bin * sampleRate) / windowLength;
    for (let mel = 0; mel < mels; mel++) {
      const width = single(edges[mel + 1] - edges[mel]);
      const distance = single(Math.abs(frequency - edges[mel + 1]));
      filters[bin * mels + mel] = Math.max(0, 1 - single(distance / width));
    }
  }
  return filters;
}

/** A filter without the zeros around it. */
export interface MelFilter {
  /** The frequency, in steps of 40 Hz, that its first weight belongs to. */
  readonly first: number;
  readonly weights: Float64Array;
}

/** {@link melFilters}, each by itself. */
export function narrowFilters(mels: number): MelFilter[] {
  const filters = melFilters(mels);
  return Array.from({ length: mels }, (_, mel) => {
    const column = Float64Array.from({ length: bins }, (_, bin) => filters[bin * mels + mel]);
    const first = column.findIndex((weight) => weight > 0);
    const last = column.findLastIndex((weight) => weight > 0);
    return { first: Math.max(0, first), weights: column.slice(Math.max(0, first), last + 1) };
  });
}

/**
 * Where the filters begin and peak, in Hz, evenly spaced in mel: [mels + 2]. Computed in float32 step by step like the
 * original, because a frequency close to an edge gets so little weight that the rounding shows in decibels.
 */
function melEdges(mels: number): Float32Array {
  const highest = single(2595 * Math.log10(1 + sampleRate / 2 / 700));
  const step = single(highest / (mels + 1));
  return Float32Array.from({ length: mels + 2 }, (_, i) => {
    const mel = i <= mels / 2 ? single(step * i) : single(highest - single(step * (mels + 1 - i)));
    return 700 * single(single(10 ** single(mel / 2595)) - 1);
  });
}

/** Rounds to float32. */
const single = Math.fround;
