// SummaryMixing-lite (Parcollet et al. 2024, arXiv:2307.07421): the summary alone, the same for every frame.
//
//   s           two-layer network of every frame: summary [T, D]
//
//   y_t = (1 / T) Σ_u s(x_u)                                         φ follows every linear map inside s
import { activations, type Mixer } from "../nn";
import { span, tap, type tf } from "../tensor";
import { branch, branchFlops, branchSpec, forAllFrames, meanOverTime } from "./summaryBranch";
import type { SummaryMixingOptions } from "./summarymixing";

/** Sizes of {@link summarymixingLite}, with the meaning and the defaults that they have in {@link summarymixing}. */
export type SummaryMixingLiteOptions = Pick<SummaryMixingOptions, "width" | "heads" | "summaryHidden" | "activation">;

const specOf = (width: number, heads: number, summaryHidden: number) => ({
  summary: branchSpec(heads, width, summaryHidden, width),
});

/** SummaryMixing-lite. Memory and time grow with T. Taps `summary` (each frame's s(x_t)) [B, T, D]. */
export function summarymixingLite({
  width,
  heads = 1,
  summaryHidden = 1024,
  activation = "swish",
}: SummaryMixingLiteOptions): Mixer<ReturnType<typeof specOf>> {
  return {
    spec: specOf(width, heads, summaryHidden),
    apply(p, x, { mask }) {
      const s = span("summary", () => branch(p.summary, activations[activation], x).mul(mask) as tf.Tensor3D);
      return forAllFrames(meanOverTime(tap("summary", s), mask), x.shape[1]);
    },
    flops: (frames) => branchFlops(frames, heads, width, summaryHidden, width),
  };
}
