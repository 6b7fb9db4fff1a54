// Fastformer (Wu et al. 2021, arXiv:2108.09084): additive attention, twice.
//
//   q, k        queries and keys [B, T, D]; H heads of width d = D / H
//   α, β        attention of each head over time [B, T, H]
//   Q, K        global query and global key [B, 1, D]
//
//   q = W_q x,  k = W_k x
//   α = softmax_t(w_α q / √d),  Q = Σ_t α_t q_t
//   p = k ⊙ Q
//   β = softmax_t(w_β p / √d),  K = Σ_t β_t p_t
//   y = W_o (q ⊙ K) + q                                             (the value is the query: weights shared)
import { headWidth, joinHeads, linear, linearSpec, type Mixer, normal, splitHeads, zeros } from "../nn";
import { tap, tf } from "../tensor";

/** Sizes of {@link fastformer}. */
export interface FastformerOptions {
  /** D, a multiple of `heads`. */
  readonly width: number;
  /** H. */
  readonly heads: number;
}

/** As its authors begin all of its maps: N(0, 0.02), biases zero. */
const mapSpec = (inputs: number, outputs: number) => linearSpec(inputs, outputs, normal(0.02), zeros);

const specOf = (width: number, heads: number) => ({
  query: mapSpec(width, width),
  key: mapSpec(width, width),
  queryAttention: mapSpec(width, heads),
  keyAttention: mapSpec(width, heads),
  output: mapSpec(width, width),
});

/** Fastformer. Memory and time grow with T. Taps `query weights` α and `key weights` β [B, H, T]. */
export function fastformer({ width, heads }: FastformerOptions): Mixer<ReturnType<typeof specOf>> {
  const scale = 1 / Math.sqrt(headWidth(width, heads));
  return {
    spec: specOf(width, heads),
    apply(p, x, { mask, dropout }) {
      const [batch, frames] = x.shape;
      const speech = mask.reshape([batch, 1, frames]);

      /** Σ_t softmax_t(score_t) value_t, head by head: [B, T, H], [B, T, D] → [B, 1, D]. */
      const pool = (name: string, score: tf.Tensor3D, value: tf.Tensor3D) => {
        const scores = score.mul(scale).transpose([0, 2, 1]).add(speech.sub(1).mul(1e9));
        const weights = tap(name, tf.softmax(scores).mul(speech) as tf.Tensor3D);
        const pooled = tf.matMul(weights.expandDims(2) as tf.Tensor4D, splitHeads(value, heads)); // [B, H, 1, d]
        return dropout(joinHeads(pooled as tf.Tensor4D));
      };

      const q = linear(p.query, x);
      const globalQuery = pool("query weights", linear(p.queryAttention, q), q);
      const keys = linear(p.key, x).mul(globalQuery) as tf.Tensor3D;
      const globalKey = pool("key weights", linear(p.keyAttention, keys), keys);
      return linear(p.output, q.mul(globalKey) as tf.Tensor3D).add(q);
    },
    flops: (frames) => 2 * frames * (3 * width * width + 2 * width * heads + 2 * width),
  };
}
