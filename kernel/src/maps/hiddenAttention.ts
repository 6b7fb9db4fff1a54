// The matrix that a selective scan unrolls to (Ali et al. 2024, arXiv:2403.01590): y_i = Σ_j M_ij x_j with
//
//   M_ij = Σ_n C_in exp(Σ_(k = j+1 … i) Δ_k A_n) Δ_j B_jn + [i = j] D       for j ≤ i, else 0
//
// per channel. All channels take T² E N / 2 multiplications, and one T × T matrix.
import { lateProgress } from "../figures";
import { type ScanArrays, unrollScan } from "../tensor";

/** |M_ij| averaged over the channels, row after row. Where it takes long, a notebook shows how far it is. */
export async function* hiddenAttention(scan: ScanArrays, direction: string): AsyncGenerator<Float32Array, void, void> {
  const tell = lateProgress(`Hidden attention of ${scan.frames} frames, ${direction}`, scan.frames);
  for (const { first, rows } of unrollScan(scan)) {
    yield* rows;
    tell(first + rows.length);
    await new Promise((resolve) => setImmediate(resolve)); // interrupts are heard
  }
}

/** M of one channel, with its signs, row after row. */
export function* channelAttention(scan: ScanArrays, channel: number): Generator<Float32Array, void, void> {
  const { frames, channels, states, delta, A, B, C, skip } = scan;
  const past = new Float64Array(frames * states); // what is left of a unit impulse at each frame
  for (let i = 0; i < frames; i++) {
    const row = new Float32Array(i + 1);
    const step = delta[i * channels + channel];
    for (let n = 0; n < states; n++) {
      const decay = Math.exp(step * A[channel * states + n]);
      for (let j = 0; j < i; j++) past[j * states + n] *= decay;
      past[i * states + n] = step * B[i * states + n];
    }
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? skip[channel] : 0;
      for (let n = 0; n < states; n++) sum += C[i * states + n] * past[j * states + n];
      row[j] = sum;
    }
    yield row;
  }
}
