// Multi-head self-attention with relative positions (Dai et al. 2019, arXiv:1901.02860), as in SpeechBrain's RelPosMHAXL.
//
//   u, x        input frames [B, T, D]
//   q k v       queries, keys, values [B, H, T, d], d = D / H
//   U, V        biases on the queries for content and for position [H, d]
//   p           projected sine positions of i − j; the paper's are symmetric: of |i − j|
//
//   scores_ij = ((q_i + U) · k_j + (q_i + V) · p_(i−j)) / √D       (√D, not √d: SpeechBrain's scale)
//   y_i       = W_o concat_h Σ_j softmax_j(scores_ij) v_j + b_o
import {
  headWidth,
  joinHeads,
  linear,
  linearSpec,
  type Mixer,
  ParameterSpec,
  projectionSpec,
  sinusoid,
  splitHeads,
  xavierNormal,
  xavierUniform,
} from "../nn";
import { span, tap, tf } from "../tensor";

/** Sizes of {@link mhsa}. */
export interface MhsaOptions {
  /** D, a multiple of `heads`. */
  readonly width: number;
  /** H. */
  readonly heads: number;
  /**
   * Lets positions tell how far a frame is, but not on which side, as the authors' code and all checkpoints of
   * SpeechBrain do (default false; https://github.com/speechbrain/speechbrain/issues/3070).
   */
  readonly symmetricPositions?: boolean;
}

const specOf = (width: number, heads: number) => ({
  // Its authors draw the three as one weight of D inputs and 3D outputs.
  query: projectionSpec(width, width, xavierUniform(4 * width), xavierNormal(4 * width)),
  key: projectionSpec(width, width, xavierUniform(4 * width), xavierNormal(4 * width)),
  value: projectionSpec(width, width, xavierUniform(4 * width), xavierNormal(4 * width)),
  position: projectionSpec(width, width),
  contentBias: new ParameterSpec([heads, width / heads], xavierUniform(heads + width / heads)),
  positionBias: new ParameterSpec([heads, width / heads], xavierUniform(heads + width / heads)),
  output: linearSpec(width, width),
});

/** Multi-head self-attention with relative positions. Memory and time grow with T². Taps `attention` [B, H, T, T]. */
export function mhsa({ width, heads, symmetricPositions }: MhsaOptions): Mixer<ReturnType<typeof specOf>> {
  const size = headWidth(width, heads);
  const scale = 1 / Math.sqrt(width);
  return {
    spec: specOf(width, heads),
    apply(p, x, { mask, dropout }) {
      const frames = x.shape[1];
      const [q, k, v] = [p.query, p.key, p.value].map((weights) => splitHeads(linear(weights, x), heads));
      const bias = (b: tf.Tensor) => b.reshape([1, heads, 1, size]).mul(scale);
      const scaled = q.mul(scale);

      const scores = span("scores", () => {
        const content = tf.matMul(scaled.add(bias(p.contentBias)) as tf.Tensor4D, k, false, true);
        const offsets = tf.range(frames - 1, -frames); // i − j from T − 1 down to 1 − T
        const table = linear(p.position, sinusoid(symmetricPositions ? tf.abs(offsets) : offsets, width)); // [2T − 1, D]
        const positions = table
          .reshape([2 * frames - 1, heads, size])
          .transpose([1, 0, 2])
          .expandDims(0);
        const byOffset = tf.matMul(
          scaled.add(bias(p.positionBias)) as tf.Tensor4D,
          positions.tile([x.shape[0], 1, 1, 1]) as tf.Tensor4D,
          false,
          true,
        );
        return content.add(byPosition(byOffset as tf.Tensor4D)) as tf.Tensor4D;
      });

      // A padded key gets −1e9 before the softmax and exactly 0 after it.
      const keys = mask.reshape([-1, 1, 1, frames]);
      const attention = tap("attention", tf.softmax(scores.add(keys.sub(1).mul(1e9))).mul(keys) as tf.Tensor4D);
      return linear(p.output, joinHeads(tf.matMul(dropout(attention), v) as tf.Tensor4D));
    },
    flops: (frames) => 2 * frames * (5 * width * width) + 2 * frames * frames * 4 * width,
  };
}

/** Scores by offset [B, H, T, 2T − 1], column t being the offset t − (T − 1) → by frame j = i + offset [B, H, T, T]. */
function byPosition(byOffset: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, frames, offsets] = byOffset.shape;
  // Row i of the result starts at column T − 1 − i. Padding each row by one entry and cutting the flat rows anew
  // shifts row i by i places (Dai et al. 2019, appendix B).
  const padded = tf.pad(byOffset, [[0, 0], [0, 0], [0, 0], [1, 0]]); // biome-ignore format: one line
  return padded
    .reshape([batch, heads, offsets + 1, frames])
    .slice([0, 0, 1, 0], [-1, -1, -1, -1])
    .reshape([batch, heads, frames, offsets])
    .slice([0, 0, 0, 0], [-1, -1, -1, frames]) as tf.Tensor4D;
}
