// The selective scan and its gradient as plain loops in double precision, written from the recurrence alone.
import { Random, type tf } from "bestrq/tensor";

/** The op's inputs in order. */
export const names = ["x", "delta", "A", "B", "C", "skip"] as const;
export type Inputs = [tf.Tensor3D, tf.Tensor3D, tf.Tensor2D, tf.Tensor3D, tf.Tensor3D, tf.Tensor1D];
export type Sizes = [batch: number, T: number, D: number, N: number];

/** Inputs as a trained Mamba has them: delta = softplus(...), A negative. */
export function randomInputs([batch, T, D, N]: Sizes, seed = 7): Inputs {
  const random = new Random(seed);
  return [
    random.normal<tf.Rank.R3>([batch, T, D]),
    random.uniform<tf.Rank.R3>([batch, T, D], 0.01, 1),
    random.uniform<tf.Rank.R2>([D, N], -N, -0.5),
    random.normal<tf.Rank.R3>([batch, T, N]),
    random.normal<tf.Rank.R3>([batch, T, N]),
    random.normal<tf.Rank.R1>([D]),
  ];
}

/** y, and the gradients of sum(y dy): h_t = exp(delta_t A) h_{t-1} + delta_t x_t B_t, y_t = C_t h_t + skip x_t. */
export function slowScan(inputs: ArrayLike<number>[], dy: ArrayLike<number>, [batch, T, D, N]: Sizes) {
  const [x, delta, A, B, C, skip] = inputs;
  const y = new Float64Array(batch * T * D);
  const [dx, ddelta, dA, dB, dC, dskip] = inputs.map(({ length }) => new Float64Array(length));
  for (let b = 0; b < batch; b++)
    for (let d = 0; d < D; d++)
      for (let n = 0; n < N; n++) {
        const a = A[d * N + n];
        const states = [0];
        for (let t = 0; t < T; t++) {
          const at = (b * T + t) * D + d;
          const frame = (b * T + t) * N + n;
          states.push(Math.exp(delta[at] * a) * states[t] + delta[at] * x[at] * B[frame]);
          y[at] += states[t + 1] * C[frame] + (n === 0 ? skip[d] * x[at] : 0);
        }
        let later = 0; // dL/dh_t by way of the later frames
        for (let t = T - 1; t >= 0; t--) {
          const at = (b * T + t) * D + d;
          const frame = (b * T + t) * N + n;
          const decay = Math.exp(delta[at] * a);
          const dh = later + dy[at] * C[frame];
          dC[frame] += dy[at] * states[t + 1];
          dB[frame] += dh * delta[at] * x[at];
          dx[at] += dh * delta[at] * B[frame] + (n === 0 ? dy[at] * skip[d] : 0);
          ddelta[at] += dh * (x[at] * B[frame] + decay * a * states[t]);
          dA[d * N + n] += dh * decay * delta[at] * states[t];
          if (n === 0) dskip[d] += dy[at] * x[at];
          later = dh * decay;
        }
      }
  return { y, gradients: [dx, ddelta, dA, dB, dC, dskip] };
}
