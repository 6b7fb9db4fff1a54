// HyperMixing (Mai et al. 2023, arXiv:2203.03691), in the multi-head form of HyperConformer (Mai et al. 2023,
// arXiv:2305.18281).
//
//   x           input frames of one head [T, d], d = D / H
//   P           sine positions
//   W₁, W₂      mixing matrices [T, K], made from the frames themselves by two small networks (the hypernetworks)
//   K           hidden size of the mixing, per head
//
//   W_i = MLP_i(x + P)                           MLP: linear d → d, GELU, linear d → K
//   y   = W₂ GELU(W₁ᵀ x)                         mixes over time instead of over features
//   out = LN(concat_h y)
import {
  framePositions,
  gelu,
  headLinear,
  headWidth,
  joinHeads,
  layerNorm,
  layerNormSpec,
  type Mixer,
  ParameterSpec,
  type Parameters,
  splitHeads,
  xavierNormal,
  xavierUniform,
} from "../nn";
import { span, tap, tf } from "../tensor";

/** Sizes of {@link hypermixing}. */
export interface HyperMixingOptions {
  /** D, a multiple of `heads`. */
  readonly width: number;
  /** H. */
  readonly heads: number;
  /** Hidden size of the mixing over all heads, a multiple of `heads` (paper: 2048, the feed-forward width). */
  readonly hidden: number;
  /** Frames after which its table of positions ends, 3,000 in the authors' code (default: none). */
  readonly maxFrames?: number;
}

/** One linear map of a hypernetwork per head. Its authors draw weight and bias alike, the fans counted over all heads. */
const mapSpec = (heads: number, inputs: number, outputs: number) => {
  const fans = outputs * inputs + heads * inputs;
  return {
    weight: new ParameterSpec([heads, inputs, outputs], xavierUniform(fans, Math.SQRT2), xavierNormal(fans)),
    bias: new ParameterSpec([heads, outputs], xavierUniform(heads + outputs, Math.SQRT2)),
  };
};

const hypernetworkSpec = (heads: number, size: number, hidden: number) => ({
  input: mapSpec(heads, size, size),
  output: mapSpec(heads, size, hidden),
});

const specOf = (heads: number, size: number, hidden: number) => ({
  hypernetwork1: hypernetworkSpec(heads, size, hidden),
  hypernetwork2: hypernetworkSpec(heads, size, hidden),
  norm: layerNormSpec(heads * size),
});

/**
 * HyperMixing. Memory and time grow with T. Sums over time are not normalised, as in the original.
 * Taps `mixing 1`, `mixing 2` [B, H, T, K] and `mixed` [B, H, K, d], the values before the nonlinearity.
 */
export function hypermixing({ width, heads, hidden, maxFrames }: HyperMixingOptions): Mixer<ReturnType<typeof specOf>> {
  const size = headWidth(width, heads);
  const perHead = headWidth(hidden, heads);
  return {
    spec: specOf(heads, size, perHead),
    apply(p, x, { mask }) {
      const speech = mask.expandDims(1) as tf.Tensor4D; // [B, 1, T, 1]
      const valid = x.mul(mask) as tf.Tensor3D;
      const positioned = splitHeads(valid.add(framePositions(x.shape[1], width, maxFrames)), heads);
      const mixing = (network: Parameters<ReturnType<typeof hypernetworkSpec>>) =>
        headLinear(network.output, gelu(headLinear(network.input, positioned))).mul(speech) as tf.Tensor4D;

      const w1 = tap(
        "mixing 1",
        span("hypernetwork1", () => mixing(p.hypernetwork1)),
      );
      const w2 = tap(
        "mixing 2",
        span("hypernetwork2", () => mixing(p.hypernetwork2)),
      );
      const mixed = tap("mixed", tf.matMul(w1, splitHeads(valid, heads), true, false)); // [B, H, K, d]
      return layerNorm(p.norm, joinHeads(tf.matMul(w2, gelu(mixed))));
    },
    flops: (frames) => 2 * frames * heads * (2 * (size * size + size * perHead) + 2 * size * perHead),
  };
}
