import type { tf } from "../tensor";

/** What one direction of Mamba's scan runs on, for one utterance. */
export interface Scan {
  /** Δ [1, T, E]. */
  readonly step: tf.Tensor3D;
  /** A [E, N], negative. */
  readonly decay: tf.Tensor2D;
  /** B [1, T, N]. */
  readonly inputMap: tf.Tensor3D;
  /** C [1, T, N]. */
  readonly outputMap: tf.Tensor3D;
  /** D [E]. */
  readonly skip: tf.Tensor1D;
}

/**
 * The matrix that a selective scan unrolls to (Ali et al. 2024, arXiv:2403.01590): y_i = Σ_j M_ij x_j with
 *
 *     M_ij = Σ_n C_in exp(Σ_(k = j+1 … i) Δ_k A_n) Δ_j B_jn + [i = j] D       for j ≤ i, else 0
 *
 * per channel; what is given is |M_ij| averaged over the channels, [T, T]. Takes T² E N / 2 steps and one T × T matrix.
 */
export async function hiddenAttention({ step, decay, inputMap, outputMap, skip }: Scan): Promise<{
  values: Float32Array;
  shape: [number, number];
}> {
  const [, frames, channels] = step.shape;
  const states = decay.shape[1];
  const reads = [step, decay, inputMap, outputMap, skip].map((tensor) => tensor.data());
  const [delta, a, b, c, d] = await Promise.all(reads);
  const values = new Float32Array(frames * frames);
  const factors = new Float32Array(frames * states); // exp(Δ_i A) of one channel
  const state = new Float64Array(states);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < frames; i++) {
      const size = delta[i * channels + channel];
      for (let n = 0; n < states; n++) factors[i * states + n] = Math.exp(size * a[channel * states + n]);
    }
    for (let j = 0; j < frames; j++) {
      // The response of the scan to a unit impulse at frame j.
      const size = delta[j * channels + channel];
      for (let n = 0; n < states; n++) state[n] = size * b[j * states + n];
      for (let i = j; i < frames; i++) {
        let response = i === j ? d[channel] : 0;
        for (let n = 0; n < states; n++) {
          if (i > j) state[n] *= factors[i * states + n];
          response += c[i * states + n] * state[n];
        }
        values[i * frames + j] += Math.abs(response) / channels;
      }
    }
  }
  return { values, shape: [frames, frames] };
}
