import { type MelFilter, narrowFilters } from "./mel";
import { bins, powerSpectra, windowLength } from "./spectrum";

/** Samples from one frame to the next: 10 ms. */
export const hopLength = 160;
/** Frames whose samples are laid out at once, 41 s: memory stays bounded however long the recording. */
const framesAtOnce = 4096;

/** Options of {@link logMel}. */
export interface FilterbankOptions {
  /** Mel filters (80). */
  mels?: number;
  /** What lies further below the loudest value of the utterance is raised to this distance, in dB (80). */
  range?: number;
}

/** Frames of a waveform of that many samples: one every 10 ms, the first and last centred on the ends. */
export const frameCount = (samples: number) => 1 + Math.floor(samples / hopLength);

/**
 * What `filterbank` gives, as plain numbers: [T, mels] row by row, in dB. The same to the last bit on every thread,
 * backend and machine.
 *
 * @param waveform mono, 16 kHz
 * @throws TypeError or RangeError for anything that is not a waveform
 */
export function logMel(waveform: Float32Array, { mels = 80, range = 80 }: FilterbankOptions = {}): Float32Array {
  if (!(waveform instanceof Float32Array))
    throw new TypeError("Cannot compute a filterbank: the waveform must be a Float32Array of 16 kHz samples");
  if (waveform.length === 0) throw new RangeError("Cannot compute a filterbank: the waveform must not be empty");
  const filters = filtersOf(mels);
  const frames = frameCount(waveform.length);
  const levels = new Float32Array(frames * mels);
  for (let from = 0; from < frames; from += framesAtOnce)
    writeLevels(waveform, from, Math.min(frames, from + framesAtOnce), filters, levels);
  const lowest = levels.reduce((a, b) => Math.max(a, b)) - range;
  for (let i = 0; i < levels.length; i++) if (levels[i] < lowest) levels[i] = lowest;
  return levels;
}

const known = new Map<number, MelFilter[]>();

function filtersOf(mels: number): MelFilter[] {
  const filters = known.get(mels) ?? narrowFilters(mels);
  known.set(mels, filters);
  return filters;
}

const powers = [new Float64Array(bins), new Float64Array(bins)];

/** Levels of frames `from` to `to`, two at a time. */
function writeLevels(waveform: Float32Array, from: number, to: number, filters: MelFilter[], levels: Float32Array) {
  const start = from * hopLength - windowLength / 2;
  const piece = new Float32Array((to - from) * hopLength + windowLength); // zeros beyond the ends, and for an odd last one
  piece.set(waveform.subarray(Math.max(0, start), start + piece.length), Math.max(0, -start));
  for (let frame = from; frame < to; frame += 2) {
    const at = (frame - from) * hopLength;
    powerSpectra(piece, at, at + hopLength, powers);
    for (let row = frame; row < Math.min(to, frame + 2); row++) {
      const power = powers[row - frame];
      for (let mel = 0; mel < filters.length; mel++)
        levels[row * filters.length + mel] = decibels(energy(power, filters[mel]));
    }
  }
}

function energy(power: Float64Array, { first, weights }: MelFilter): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * power[first + i];
  return sum;
}

const decibels = (energy: number) => (10 / Math.LN10) * Math.log(Math.max(energy, 1e-10));
