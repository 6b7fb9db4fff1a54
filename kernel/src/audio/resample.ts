import { ConverterType, create } from "@alexanderolsen/libsamplerate-js";

/** The rate of every waveform in this library, in Hz. */
export const sampleRate = 16_000;

/** Samples handed over at once: the converter's own buffers hold a million. */
const chunk = 16_384;

// One converter for all files: making one compiles its WebAssembly again.
let converter: ReturnType<typeof create> | undefined;

/**
 * Resamples to 16 kHz by a windowed sinc (libsamplerate, medium quality: 121 dB, 90 % of the band).
 *
 * @param samples mono, in [-1, 1]
 * @param from the rate of `samples` in Hz, 1,000 to 384,000
 * @returns round(n * 16000 / from) samples, not shifted in time; the same array where `from` is 16 kHz
 * @throws RangeError for a rate outside the range
 */
export async function resample(samples: Float32Array, from: number): Promise<Float32Array> {
  if (!(from >= 1_000 && from <= 384_000))
    throw new RangeError(`Cannot resample: the rate must be 1000 to 384000 Hz, got ${from}`);
  if (from === sampleRate) return samples;
  converter ??= create(1, from, sampleRate, { converterType: ConverterType.SRC_SINC_MEDIUM_QUALITY });
  const convert = await converter;
  convert.inputSampleRate = from; // also forgets the recording before

  const output = new Float32Array(Math.round((samples.length * sampleRate) / from));
  const silence = new Float32Array(256); // pushes the tail out of the filter
  for (let read = 0, written = 0; written < output.length; read += chunk) {
    const input = read < samples.length ? samples.subarray(read, read + chunk) : silence;
    const converted = convert.full(input);
    output.set(converted.subarray(0, output.length - written), written);
    written += converted.length;
  }
  for (let i = 0; i < output.length; i++) output[i] = Math.max(-1, Math.min(1, output[i])); // a filter overshoots
  return output;
}
