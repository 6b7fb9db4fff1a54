// SummaryMixing (Parcollet et al. 2024, arXiv:2307.07421), as the paper trained it: layer norms on both branches.
//
//   f, s        two-layer networks of every frame: local [T, L] and summary [T, S]
//   s̄           their mean over the valid frames [1, S]
//
//   s̄ = LN((1 / T) Σ_t s(x_t))
//   y_t = φ(W [LN(f(x_t)) ; s̄] + b)                                 φ also follows every linear map inside f and s
import {
  type ActivationName,
  activations,
  headLinear,
  headLinearSpec,
  headWidth,
  joinHeads,
  layerNorm,
  layerNormSpec,
  linear,
  linearSpec,
  type Mixer,
  type Parameters,
  splitHeads,
} from "../nn";
import { span, tap, tf } from "../tensor";

/** Sizes of {@link summarymixing}. The defaults are what the authors' code ran, whatever their configuration says. */
export interface SummaryMixingOptions {
  /** D, a multiple of `heads`. */
  readonly width: number;
  /** Parts that the linear maps of f and s are split into, block by block (default 1: not split). */
  readonly heads?: number;
  /** Width inside f (default 512). */
  readonly localHidden?: number;
  /** L, the width of what f gives (default 512). */
  readonly local?: number;
  /** Width inside s (default 1024); S is D. */
  readonly summaryHidden?: number;
  /** φ (default Swish, as the authors ran it). */
  readonly activation?: ActivationName;
}

/** A linear map per head; with one head it is a plain linear map. */
const splitSpec = (heads: number, inputs: number, outputs: number) =>
  headLinearSpec(heads, headWidth(inputs, heads), headWidth(outputs, heads));

const specOf = (options: Required<SummaryMixingOptions>) => {
  const { width, heads, localHidden, local, summaryHidden } = options;
  return {
    local: { input: splitSpec(heads, width, localHidden), output: splitSpec(heads, localHidden, local) },
    summary: { input: splitSpec(heads, width, summaryHidden), output: splitSpec(heads, summaryHidden, width) },
    localNorm: layerNormSpec(local),
    summaryNorm: layerNormSpec(width),
    merge: linearSpec(local + width, width),
  };
};

/**
 * SummaryMixing. Memory and time grow with T. Taps `local` [B, T, L], `summary` (each frame's s(x_t)) [B, T, S],
 * `mean summary` s̄ [B, 1, S] and the weight `merge` W [L + S, D].
 */
export function summarymixing(options: SummaryMixingOptions): Mixer<ReturnType<typeof specOf>> {
  const sizes: Required<SummaryMixingOptions> = {
    heads: 1,
    localHidden: 512,
    local: 512,
    summaryHidden: 1024,
    activation: "swish",
    ...options,
  };
  const { width, heads, localHidden, local, summaryHidden } = sizes;
  const activation = activations[sizes.activation];
  const spec = specOf(sizes);
  type Branch = Parameters<typeof spec.local>;
  const branch = (p: Branch, x: tf.Tensor3D) =>
    joinHeads(activation(headLinear(p.output, activation(headLinear(p.input, splitHeads(x, heads))))));

  return {
    spec,
    apply(p, x, { mask }) {
      const f = span("local", () => layerNorm(p.localNorm, branch(p.local, x).mul(mask) as tf.Tensor3D));
      const s = tap(
        "summary",
        span("summary", () => branch(p.summary, x).mul(mask) as tf.Tensor3D),
      );
      const mean = layerNorm(p.summaryNorm, s.sum(1, true).div(mask.sum(1, true)) as tf.Tensor3D); // [B, 1, S]
      const both = tf.concat([tap("local", f), mean.tile([1, x.shape[1], 1])], -1) as tf.Tensor3D;
      tap("mean summary", mean);
      tap("merge", p.merge.weight);
      return span("merge", () => activation(linear(p.merge, both)));
    },
    flops: (frames) =>
      2 *
      frames *
      ((width * localHidden + localHidden * local + 2 * width * summaryHidden) / heads + (local + width) * width),
  };
}
