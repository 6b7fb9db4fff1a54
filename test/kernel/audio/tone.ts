// The sound in every fixture: two slow tones, one a channel, as integers that any bit depth can hold exactly.

/** Samples in each fixture: prime, so no whole number of blocks. */
export const length = 1009;

/** Sample `i` of a channel as an integer of that many bits. */
export function tone(bits: number, channel: number, i: number): number {
  const period = channel === 0 ? 97 : 61;
  const phase = i % period;
  const triangle = Math.abs(2 * phase - period) / period; // 0 .. 1
  return Math.round((2 * triangle - 1) * 2 ** (bits - 1) * 0.9);
}

/** The channels' mean in [-1, 1], as the decoder should give it. */
export function mono(bits: number, channels: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += tone(bits, channel, i);
    return sum / channels / 2 ** (bits - 1);
  });
}
