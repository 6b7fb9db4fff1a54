// Sound in four bits per sample, so that a figure can carry it: IMA ADPCM, each sample as a step from the one before.
// Also used by the extension.

const changes = [-1, -1, -1, -1, 2, 4, 6, 8];
/** Step sizes, each about a tenth greater than the one before. */
const sizes = Array.from({ length: 89 }, (_, index) => Math.round(7 * 1.1 ** index));

// Encoder and decoder follow the same prediction.
function predictor() {
  let [sample, index] = [0, 0];
  return {
    sample: () => sample,
    size: () => sizes[index],
    take(code: number): number {
      const size = sizes[index];
      const step = ((2 * (code & 7) + 1) * size) / 8;
      sample = Math.max(-32768, Math.min(32767, Math.round(sample + (code & 8 ? -step : step))));
      index = Math.max(0, Math.min(sizes.length - 1, index + changes[code & 7]));
      return sample;
    },
  };
}

/** @param samples from -1 to 1 @returns half a byte for each */
export function encodeSound(samples: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(samples.length / 2));
  const prediction = predictor();
  for (let i = 0; i < samples.length; i++) {
    const difference = samples[i] * 32767 - prediction.sample();
    const code = Math.min(7, Math.floor((4 * Math.abs(difference)) / prediction.size())) | (difference < 0 ? 8 : 0);
    prediction.take(code);
    bytes[i >> 1] |= code << (4 * (i & 1));
  }
  return bytes;
}

/** @returns `count` samples from -1 to 1 */
export function decodeSound(bytes: Uint8Array, count: number): Float32Array {
  const samples = new Float32Array(Math.min(count, 2 * bytes.length));
  const prediction = predictor();
  for (let i = 0; i < samples.length; i++) samples[i] = prediction.take((bytes[i >> 1] >> (4 * (i & 1))) & 15) / 32768;
  return samples;
}
