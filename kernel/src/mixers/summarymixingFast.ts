// SummaryMixing-fast (the SummaryMixing authors' later release): one linear map gives both branches, without norms.
//
//   [f | s]     local and summary [T, L] each, the two halves of φ(W_g x + b_g)
//   s̄           mean of s over the valid frames [1, L]
//
//   s̄ = (1 / T) Σ_t s_t
//   y_t = φ(W [f_t ; s̄] + b)
import { activations, linear, linearSpec, type Mixer, xavier, zeros } from "../nn";
import { span, tap, tf } from "../tensor";
import { forAllFrames, meanOverTime } from "./summaryBranch";
import type { SummaryMixingOptions } from "./summarymixing";

/** Sizes of {@link summarymixingFast}, with the meaning and the defaults that they have in {@link summarymixing}. */
export type SummaryMixingFastOptions = Pick<SummaryMixingOptions, "width" | "local" | "activation">;

const specOf = (width: number, local: number) => ({
  both: linearSpec(width, 2 * local, xavier, zeros),
  merge: linearSpec(2 * local, width, xavier, zeros),
});

/**
 * SummaryMixing-fast. Memory and time grow with T. Taps `local` [B, T, L], `summary` [B, T, L], `mean summary`
 * [B, 1, L] and the weight `merge` W [2L, D].
 */
export function summarymixingFast({
  width,
  local = 512,
  activation = "swish",
}: SummaryMixingFastOptions): Mixer<ReturnType<typeof specOf>> {
  const phi = activations[activation];
  return {
    spec: specOf(width, local),
    apply(p, x, { mask }) {
      const branches = span("both", () => phi(linear(p.both, x)).mul(mask) as tf.Tensor3D);
      const [f, s] = tf.split(branches, 2, -1) as tf.Tensor3D[];
      const mean = tap("mean summary", meanOverTime(tap("summary", s), mask)); // [B, 1, L]
      tap("merge", p.merge.weight);
      const merged = tf.concat([tap("local", f), forAllFrames(mean, x.shape[1])], -1) as tf.Tensor3D;
      return span("merge", () => phi(linear(p.merge, merged)));
    },
    flops: (frames) => 2 * frames * 4 * width * local,
  };
}
