// The networks that SummaryMixing applies to every frame, and the mean that makes a summary of them.
import {
  headLinear,
  headWidth,
  joinHeads,
  ParameterSpec,
  type Parameters,
  splitHeads,
  xavier,
  xavierNormal,
  zeros,
} from "../nn";
import type { tf } from "../tensor";

/** One linear map, split into heads block by block; with one head it is a plain linear map. */
const splitSpec = (heads: number, inputs: number, outputs: number) => {
  const [rows, columns] = [headWidth(inputs, heads), headWidth(outputs, heads)];
  const whole = heads === 1;
  return {
    weight: new ParameterSpec(
      [heads, rows, columns],
      xavier,
      xavierNormal(whole ? rows + columns : (rows + heads) * columns), // PyTorch takes [heads, ...] for a convolution
    ),
    bias: new ParameterSpec([heads, columns], zeros, whole ? zeros : xavier),
  };
};

/** A two-layer network: inputs → hidden → outputs, each a multiple of `heads`. */
export const branchSpec = (heads: number, inputs: number, hidden: number, outputs: number) => ({
  input: splitSpec(heads, inputs, hidden),
  output: splitSpec(heads, hidden, outputs),
});

/** φ(W₂ φ(W₁ x + b₁) + b₂) of every frame: x [B, T, inputs] → [B, T, outputs]. */
export function branch(
  p: Parameters<ReturnType<typeof branchSpec>>,
  activation: <T extends tf.Tensor>(x: T) => T,
  x: tf.Tensor3D,
): tf.Tensor3D {
  const [heads] = p.input.weight.shape;
  return joinHeads(activation(headLinear(p.output, activation(headLinear(p.input, splitHeads(x, heads))))));
}

/** Floating-point operations of a {@link branch} for so many frames. */
export const branchFlops = (frames: number, heads: number, inputs: number, hidden: number, outputs: number): number =>
  (2 * frames * hidden * (inputs + outputs)) / heads;

/** (1 / T) Σ_t s_t over the valid frames: s [B, T, S], zero where it is padding → [B, 1, S]. */
export const meanOverTime = (s: tf.Tensor3D, mask: tf.Tensor3D): tf.Tensor3D =>
  s.sum(1, true).div(mask.sum(1, true)) as tf.Tensor3D;

/** One vector for all frames: [B, 1, S] → [B, T, S]. */
export const forAllFrames = (mean: tf.Tensor3D, frames: number): tf.Tensor3D => mean.tile([1, frames, 1]);
