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
  /** Frames whose attention is computed together (default 256). */
  readonly blockFrames?: number;
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

/** What the attention of every pair of frames is made of. Grows with T, where attention itself grows with T². */
export interface AttentionParts {
  /** (q + U) / √D [B, H, T, d]. */
  readonly byContent: tf.Tensor4D;
  /** (q + V) / √D [B, H, T, d]. */
  readonly byPosition: tf.Tensor4D;
  /** k [B, H, T, d]. */
  readonly keys: tf.Tensor4D;
  /** p of i − j, from T − 1 down to 1 − T [B, H, 2T − 1, d]. */
  readonly positions: tf.Tensor4D;
  /** [B, 1, 1, T]: 1 where a frame is speech, 0 where it is padding. */
  readonly speech: tf.Tensor4D;
}

/** How `rows` frames from `first` on share out their attention: [B, H, rows, T]. */
export function attentionOf(parts: AttentionParts, first: number, rows: number): tf.Tensor4D {
  const { byContent, byPosition, keys, positions, speech } = parts;
  const frames = keys.shape[2];
  const of = (queries: tf.Tensor4D) => queries.slice([0, 0, first, 0], [-1, -1, rows, -1]);
  const content = tf.matMul(of(byContent), keys, false, true);
  const reached = positions.slice([0, 0, frames - first - rows, 0], [-1, -1, frames + rows - 1, -1]);
  const byOffset = tf.matMul(of(byPosition), reached, false, true) as tf.Tensor4D;
  // A padded key gets −1e9 before the softmax and exactly 0 after it.
  const padding = speech.sub(1).mul(1e9);
  return tf.softmax(content.add(fromOffsets(byOffset)).add(padding)).mul(speech) as tf.Tensor4D;
}

/**
 * Multi-head self-attention with relative positions. Time grows with T², and so does memory where gradients are wanted.
 * Taps the {@link AttentionParts}: `content queries`, `position queries`, `keys`, `positions`, `speech`; and `attention`
 * [B, H, rows, T] of one block of frames after the other.
 */
export function mhsa(options: MhsaOptions): Mixer<ReturnType<typeof specOf>> {
  // The default was chosen by time: 2,000 frames take a third of what they take at once.
  const { width, heads, symmetricPositions, blockFrames = 256 } = options;
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
      const parts: AttentionParts = {
        byContent: tap("content queries", byContent),
        byPosition: tap("position queries", byPosition),
        keys: tap("keys", k),
        positions: tap("positions", table),
        speech: tap("speech", mask.reshape([-1, 1, 1, frames]) as tf.Tensor4D),
      };

      /** What `rows` frames from `first` on take from all frames: [B, H, rows, d]. */
      const attend = (first: number, rows: number) =>
        tf.tidy(() => {
          const attention = span("scores", () => attentionOf(parts, first, rows));
          return tf.matMul(dropout(tap("attention", attention)), v);
        });
      const starts = Array.from({ length: Math.ceil(frames / blockFrames) }, (_, index) => index * blockFrames);
      const attended = starts.map((first) => attend(first, Math.min(blockFrames, frames - first)));
      return linear(p.output, joinHeads(tf.concat(attended, 2) as tf.Tensor4D));
    },
    flops: (frames) => {
      const linearMaps = 4 * frames + (2 * frames - 1);
      const rest = frames % blockFrames;
      const byOffset = frames * (frames - 1) + (frames - rest) * blockFrames + rest * rest; // R · (T + R − 1) of each block
      const pairs = 2 * frames * frames + byOffset;
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
