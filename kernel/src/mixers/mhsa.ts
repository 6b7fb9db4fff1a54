// Multi-head self-attention with relative positions (Dai et al. 2019, arXiv:1901.02860), as in SpeechBrain's RelPosMHAXL.
//
//   u, x        input frames [B, T, D]
//   q k v       queries, keys, values [B, H, T, d], d = D / H
//   U, V        biases on the queries for content and for position [H, d]
//   p           projected sine positions of i − j; the paper's are symmetric: of |i − j|
//
//   scores_ij = ((q_i + U) · k_j + (q_i + V) · p_(i−j)) / √D       (√D, not √d: SpeechBrain's scale)
//   y_i       = W_o concat_h Σ_j softmax_j(scores_ij) v_j + b_o
//
// Computed for a block of i at a time, so that a long input's scores never stand in memory all at once.
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
import { span, tap, tapped, tf } from "../tensor";

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

/** Frames whose attention is computed together. Chosen by time: 2,000 frames take a third of what they take at once. */
const blockFrames = 256;

/**
 * Multi-head self-attention with relative positions. Time grows with T², and so does memory where gradients are wanted.
 * Taps `attention` [B, H, T, T].
 */
export function mhsa({ width, heads, symmetricPositions }: MhsaOptions): Mixer<ReturnType<typeof specOf>> {
  const size = headWidth(width, heads);
  const scale = 1 / Math.sqrt(width);
  return {
    spec: specOf(width, heads),
    apply(p, x, { mask, dropout }) {
      const [batch, frames] = x.shape;
      const [q, k, v] = [p.query, p.key, p.value].map((weights) => splitHeads(linear(weights, x), heads));
      const bias = (b: tf.Tensor) => b.reshape([1, heads, 1, size]).mul(scale);
      const scaled = q.mul(scale);
      const [byContent, byPosition] = [p.contentBias, p.positionBias].map((b) => scaled.add(bias(b)) as tf.Tensor4D);
      const offsets = tf.range(frames - 1, -frames); // i − j from T − 1 down to 1 − T
      const sines = sinusoid(symmetricPositions ? tf.abs(offsets) : offsets, width);
      const table = splitHeads(linear(p.position, sines.expandDims(0) as tf.Tensor3D), heads) // [1, H, 2T − 1, d]
        .tile([batch, 1, 1, 1]) as tf.Tensor4D;
      // A padded key gets −1e9 before the softmax and exactly 0 after it.
      const keys = mask.reshape([-1, 1, 1, frames]);
      const padding = keys.sub(1).mul(1e9);

      /** What `rows` frames from `first` on take from all frames: [B, H, rows, d]. */
      const attend = (first: number, rows: number) =>
        tf.tidy(() => {
          const of = (queries: tf.Tensor4D) => queries.slice([0, 0, first, 0], [-1, -1, rows, -1]);
          const attention = span("scores", () => {
            const content = tf.matMul(of(byContent), k, false, true);
            const reached = table.slice([0, 0, frames - first - rows, 0], [-1, -1, frames + rows - 1, -1]);
            const byOffset = tf.matMul(of(byPosition), reached, false, true) as tf.Tensor4D;
            return tf.softmax(content.add(fromOffsets(byOffset)).add(padding)).mul(keys) as tf.Tensor4D;
          });
          return tf.matMul(dropout(tap("attention", attention)), v);
        });
      const block = tapped() ? frames : blockFrames; // who looks sees all of it
      const starts = Array.from({ length: Math.ceil(frames / block) }, (_, index) => index * block);
      const attended = starts.map((first) => attend(first, Math.min(block, frames - first)));
      return linear(p.output, joinHeads(tf.concat(attended, 2) as tf.Tensor4D));
    },
    flops: (frames) => {
      const linearMaps = 4 * frames + (2 * frames - 1);
      const pairs = 2 * frames * frames + frames * (frames + Math.min(blockFrames, frames) - 1);
      return 2 * width * (linearMaps * width + pairs);
    },
  };
}

/** Scores of R frames by offset, from the last one's to the first frame [B, H, R, T + R − 1] → by frame [B, H, R, T]. */
function fromOffsets(byOffset: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, rows, offsets] = byOffset.shape;
  // Row i of the result starts at column R − 1 − i. Padding each row by one entry and cutting the flat rows anew
  // shifts row i by i places (Dai et al. 2019, appendix B).
  const padded = tf.pad(byOffset, [[0, 0], [0, 0], [0, 0], [1, 0]]); // biome-ignore format: one line
  return padded
    .reshape([batch, heads, offsets + 1, rows])
    .slice([0, 0, 1, 0], [-1, -1, -1, -1])
    .reshape([batch, heads, rows, offsets])
    .slice([0, 0, 0, 0], [-1, -1, -1, offsets - rows + 1]) as tf.Tensor4D;
}
