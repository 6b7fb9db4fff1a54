// SummaryMixing (Parcollet et al. 2024, arXiv:2307.07421), as the paper trained it: layer norms on both branches.
//
//   f, s        two-layer networks of every frame: local [T, L] and summary [T, S]
//   s̄           their mean over the valid frames [1, S]
//
//   s̄ = LN((1 / T) Σ_t s(x_t))
//   y_t = φ(W [LN(f(x_t)) ; s̄] + b)                                 φ also follows every linear map inside f and s
//
// The form that its authors release today has no norms: `norm: false`.
import {
  type ActivationName,
  activations,
  layerNorm,
  layerNormSpec,
  linear,
  linearSpec,
  type Mixer,
  type Parameters,
  xavier,
  zeros,
} from "../nn";
import { span, tap, tf } from "../tensor";
import { branch, branchFlops, branchSpec, forAllFrames, meanOverTime } from "./summaryBranch";

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
  /** LN on both branches (default true); without it this is the form of the authors' current release. */
  readonly norm?: boolean;
}

const specOf = ({ width, heads, localHidden, local, summaryHidden, norm }: Required<SummaryMixingOptions>) => ({
  local: branchSpec(heads, width, localHidden, local),
  summary: branchSpec(heads, width, summaryHidden, width),
  localNorm: norm ? layerNormSpec(local) : undefined,
  summaryNorm: norm ? layerNormSpec(width) : undefined,
  merge: linearSpec(local + width, width, xavier, zeros),
});

type Norm = Parameters<ReturnType<typeof layerNormSpec>>;
const normalised = (p: Norm | undefined, x: tf.Tensor3D) => (p ? layerNorm(p, x) : x);

/**
 * SummaryMixing. Memory and time grow with T. Taps `local` [B, T, L], `summary` (each frame's s(x_t)) [B, T, S],
 * `mean summary` s̄ [B, 1, S] and the weight `merge` W [L + S, D].
 */
export function summarymixing(options: SummaryMixingOptions): Mixer<ReturnType<typeof specOf>> {
  const defaults = {
    heads: 1,
    localHidden: 512,
    local: 512,
    summaryHidden: 1024,
    activation: "swish",
    norm: true,
  } as const;
  const sizes = { ...defaults, ...options };
  const { width, heads, localHidden, local, summaryHidden } = sizes;
  const activation = activations[sizes.activation];

  return {
    spec: specOf(sizes),
    apply(p, x, { mask }) {
      const f = span("local", () => normalised(p.localNorm, branch(p.local, activation, x).mul(mask)));
      const s = span("summary", () => branch(p.summary, activation, x).mul(mask) as tf.Tensor3D);
      const mean = normalised(p.summaryNorm, meanOverTime(tap("summary", s), mask)); // [B, 1, S]
      const both = tf.concat([tap("local", f), forAllFrames(mean, x.shape[1])], -1) as tf.Tensor3D;
      tap("mean summary", mean);
      tap("merge", p.merge.weight);
      return span("merge", () => activation(linear(p.merge, both)));
    },
    flops: (frames) =>
      branchFlops(frames, heads, width, localHidden, local) +
      branchFlops(frames, heads, width, summaryHidden, width) +
      2 * frames * (local + width) * width,
  };
}
