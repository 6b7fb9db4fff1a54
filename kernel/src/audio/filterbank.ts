import { tf } from "../tensor";
import { sampleRate } from "./resample";

/** Samples in one analysis window: 25 ms. */
export const windowLength = 400;
/** Samples from one frame to the next: 10 ms. */
export const hopLength = 160;
/** Frequencies of one spectrum, 0 to 8 kHz in steps of 40 Hz. */
const bins = windowLength / 2 + 1;
/** Frames transformed at once, 41 s: memory stays bounded however long the recording. */
const framesAtOnce = 4096;

/** Options of {@link filterbank}. */
export interface FilterbankOptions {
  /** Mel filters (80). */
  mels?: number;
  /** What lies further below the loudest value of the utterance is raised to this distance, in dB (80). */
  range?: number;
}

/** Frames of a waveform of that many samples: one every 10 ms, the first and last centred on the ends. */
export const frameCount = (samples: number) => 1 + Math.floor(samples / hopLength);

/**
 * Log-mel filterbank features, equal to SpeechBrain's `Fbank` in the paper's configuration: Hamming windows of 25 ms
 * every 10 ms, zeros beyond both ends, power spectrum, triangular mel filters, decibels.
 *
 * @param waveform mono, 16 kHz
 * @returns [T, mels] in dB, T = 1 + floor(samples / 160); the caller disposes it
 * @throws TypeError or RangeError for anything that is not a waveform
 * @example
 * audio.filterbank(new Float32Array(16_000)).shape; // [101, 80]
 */
export function filterbank(waveform: Float32Array, { mels = 80, range = 80 }: FilterbankOptions = {}): tf.Tensor2D {
  if (!(waveform instanceof Float32Array))
    throw new TypeError("Cannot compute a filterbank: the waveform must be a Float32Array of 16 kHz samples");
  if (waveform.length === 0) throw new RangeError("Cannot compute a filterbank: the waveform must not be empty");
  const frames = frameCount(waveform.length);
  return tf.tidy(() => {
    const fourier = fourierMatrices();
    const filters = tf.tensor2d(melFilters(mels), [bins, mels]);
    const parts: tf.Tensor2D[] = [];
    for (let from = 0; from < frames; from += framesAtOnce)
      parts.push(decibels(waveform, from, Math.min(frames, from + framesAtOnce), fourier, filters));
    const levels = parts.length === 1 ? parts[0] : tf.concat2d(parts, 0);
    return tf.maximum(levels, tf.sub(tf.max(levels), range)) as tf.Tensor2D;
  });
}

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

/** Levels in dB of frames `from` to `to`: [to - from, mels]. */
function decibels(waveform: Float32Array, from: number, to: number, fourier: Fourier, filters: tf.Tensor2D) {
  return tf.tidy(() => {
    const { sums, differences } = fold(waveform, from, to);
    const part = (halves: Float32Array, waves: tf.Tensor2D) =>
      tf.square(tf.matMul(tf.tensor2d(halves, [to - from, bins]), waves));
    const power = tf.add(part(sums, fourier.cosines), part(differences, fourier.sines)) as tf.Tensor2D; // [frames, 201]
    const energy = tf.maximum(tf.matMul(power, filters), 1e-10);
    return tf.mul(tf.log(energy), 10 / Math.LN10) as tf.Tensor2D;
  });
}

/**
 * Windows `from` to `to` of the waveform, zeros beyond its ends, each folded in the middle: cosines see only the sum of
 * what lies left and right of it, sines only the difference. Half the work, and half the rounding.
 */
function fold(waveform: Float32Array, from: number, to: number): { sums: Float32Array; differences: Float32Array } {
  const start = from * hopLength - windowLength / 2;
  const piece = new Float32Array((to - from - 1) * hopLength + windowLength);
  piece.set(waveform.subarray(Math.max(0, start), start + piece.length), Math.max(0, -start));
  const sums = new Float32Array((to - from) * bins);
  const differences = new Float32Array((to - from) * bins);
  for (let frame = 0; frame < to - from; frame++) {
    const [first, row] = [frame * hopLength, frame * bins];
    sums[row] = piece[first];
    sums[row + bins - 1] = piece[first + bins - 1];
    for (let n = 1; n < bins - 1; n++) {
      sums[row + n] = piece[first + n] + piece[first + windowLength - n];
      differences[row + n] = piece[first + n] - piece[first + windowLength - n];
    }
  }
  return { sums, differences };
}

/** Both [201, 201]: samples of the folded window by frequencies. */
interface Fourier {
  cosines: tf.Tensor2D;
  sines: tf.Tensor2D;
}

/**
 * The discrete Fourier transform as matrices, with the (periodic) Hamming window multiplied in: 400 is no power of two,
 * and a product of matrices is what every backend does best.
 */
function fourierMatrices(): Fourier {
  const matrix = (wave: (angle: number) => number) => {
    const values = new Float32Array(bins * bins);
    for (let n = 0; n < bins; n++) {
      const hamming = 0.54 - 0.46 * Math.cos((2 * Math.PI * n) / windowLength);
      for (let k = 0; k < bins; k++)
        values[n * bins + k] = hamming * wave((2 * Math.PI * ((k * n) % windowLength)) / windowLength);
    }
    return values;
  };
  fourierValues ??= { cosines: matrix(Math.cos), sines: matrix(Math.sin) };
  return {
    cosines: tf.tensor2d(fourierValues.cosines, [bins, bins]),
    sines: tf.tensor2d(fourierValues.sines, [bins, bins]),
  };
}

let fourierValues: { cosines: Float32Array; sines: Float32Array } | undefined;
