import { decodeFlac, isFlac } from "./flac";
import { decodeWav, isWav, type Sound } from "./wav";

/** Sample rates that a recording can plausibly have, in Hz: what lies outside is a damaged header. */
const sampleRates = { lowest: 1_000, highest: 384_000 };

/**
 * Decodes the bytes of a WAV or FLAC file, told apart by how they begin, not by the file's name.
 *
 * @returns mono samples in [-1, 1] (the mean of the channels, clipped) at the file's own rate
 * @throws Error that says what is wrong with the file
 */
export async function decode(bytes: Uint8Array): Promise<Sound> {
  refuseUnknown(bytes, bytes.length);
  const { samples, sampleRate } = isWav(bytes) ? decodeWav(bytes) : await decodeFlac(bytes);
  refuseImplausible(samples.length, sampleRate);
  for (let i = 0; i < samples.length; i++) {
    if (!Number.isFinite(samples[i]))
      throw new Error(`Cannot decode audio: samples must be finite, got ${samples[i]} at sample ${i}`);
    samples[i] = Math.max(-1, Math.min(1, samples[i]));
  }
  return { samples, sampleRate };
}

/** @throws Error where a file that begins with these bytes, and is so long, is neither WAV nor FLAC */
export function refuseUnknown(bytes: Uint8Array, length: number): void {
  if (length === 0) throw new Error("Cannot decode audio: the file must not be empty, got 0 bytes");
  if (!isWav(bytes) && !isFlac(bytes))
    throw new Error(`Cannot decode audio: the file must be WAV or FLAC, got one that begins with ${beginning(bytes)}`);
}

/** @throws Error where a recording cannot have so many samples, or this rate */
export function refuseImplausible(samples: number, sampleRate: number): void {
  if (sampleRate < sampleRates.lowest || sampleRate > sampleRates.highest)
    throw new Error(
      `Cannot decode audio: the sample rate must be ${sampleRates.lowest} to ${sampleRates.highest} Hz, got ${sampleRate}`,
    );
  if (samples === 0) throw new Error("Cannot decode audio: the file must hold samples, got none");
}

const beginning = (bytes: Uint8Array) =>
  JSON.stringify(String.fromCharCode(...bytes.subarray(0, 8)).replace(/[^\x20-\x7e]/g, "?"));
