import { tf } from "../tensor";
import { type FilterbankOptions, frameCount, logMel } from "./logMel";

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
export function filterbank(waveform: Float32Array, options: FilterbankOptions = {}): tf.Tensor2D {
  const levels = logMel(waveform, options);
  const frames = frameCount(waveform.length);
  return tf.tensor2d(levels, [frames, levels.length / frames]);
}
