import { span, tap, tf } from "../tensor";
import { type ActivationName, activations, glu } from "./activation";
import { depthwise, depthwiseSpec } from "./convolution";
import { linear, linearSpec } from "./linear";
import type { Batch, Mixer } from "./mixer";
import { layerNorm, layerNormSpec } from "./norm";
import type { Parameters, Spec } from "./parameters";

/** Sizes and switches of a conformer block. */
export interface ConformerOptions {
  /** D, the width of the features. */
  readonly width: number;
  /** Width inside the feed-forward networks (paper: 2048). */
  readonly feedForward: number;
  /** Frames that the depthwise convolution sees, an odd number (paper: 31). */
  readonly kernel: number;
  /** Activation of feed-forward networks and convolution (paper: Swish). */
  readonly activation: ActivationName;
  /** Lets padded frames leak into valid ones through the depthwise convolution, as the authors do (default false). */
  readonly leakPadding?: boolean;
}

/** A part of the block, named; what it allocates on the way is freed at its end, not at the end of the model. */
const part = (name: string, body: () => tf.Tensor3D): tf.Tensor3D => span(name, () => tf.tidy(body));

const feedForwardSpec = (width: number, hidden: number) => ({
  norm: layerNormSpec(width),
  expand: linearSpec(width, hidden),
  contract: linearSpec(hidden, width),
});

/**
 * A conformer block (Gulati et al. 2020, arXiv:2005.08100) around any mixer:
 *
 *     x ← x + ½ FFN₁(x);  x ← x + mixer(LN(x));  x ← x + convolution(x);  x ← LN(x + ½ FFN₂(x))
 *
 * @throws RangeError where the kernel is even, so that it has no middle
 */
export function conformer<S extends Spec>(mixer: Mixer<S>, options: ConformerOptions) {
  const { width, feedForward: hidden, kernel } = options;
  if (!Number.isInteger(kernel) || kernel < 1 || kernel % 2 === 0) {
    throw new RangeError(`Cannot centre the depthwise convolution: its kernel must be odd, got ${kernel}`);
  }
  const activation = activations[options.activation];

  const spec = {
    feedForward1: feedForwardSpec(width, hidden),
    mixerNorm: layerNormSpec(width),
    mixer: mixer.spec,
    convolution: {
      norm: layerNormSpec(width),
      pointwise: linearSpec(width, 2 * width),
      depthwise: depthwiseSpec(kernel, width),
      depthwiseNorm: layerNormSpec(width),
      output: linearSpec(width, width),
    },
    feedForward2: feedForwardSpec(width, hidden),
    norm: layerNormSpec(width),
  };
  type P = Parameters<typeof spec>;

  const feedForward = (p: P["feedForward1"], x: tf.Tensor3D, { dropout }: Batch) =>
    dropout(linear(p.contract, dropout(activation(linear(p.expand, layerNorm(p.norm, x))))));

  const convolution = (p: P["convolution"], x: tf.Tensor3D, { mask, dropout }: Batch) => {
    const gated = glu(linear(p.pointwise, layerNorm(p.norm, x)));
    const local = depthwise(p.depthwise, options.leakPadding ? gated : gated.mul(mask), (kernel - 1) / 2);
    return dropout(linear(p.output, activation(layerNorm(p.depthwiseNorm, local)))).mul(mask) as tf.Tensor3D;
  };

  const flopsOfParts = (frames: number) => ({
    feedForward1: 2 * frames * 2 * width * hidden,
    mixer: mixer.flops(frames),
    convolution: 2 * frames * (3 * width * width + kernel * width),
    feedForward2: 2 * frames * 2 * width * hidden,
  });

  return {
    spec,
    /** x [B, T, D] → [B, T, D]. */
    apply(p: P, x: tf.Tensor3D, batch: Batch): tf.Tensor3D {
      x = part("feedForward1", () => x.add(feedForward(p.feedForward1, x, batch).mul(0.5)));
      x = part("mixer", () =>
        x.add(mixer.apply(p.mixer as Parameters<S>, tap("mixer input", layerNorm(p.mixerNorm, x)), batch)),
      );
      x = part("convolution", () => x.add(convolution(p.convolution, x, batch)));
      x = part("feedForward2", () => x.add(feedForward(p.feedForward2, x, batch).mul(0.5)));
      return part("norm", () => layerNorm(p.norm, x));
    },
    /** Floating-point operations of each part for one utterance of so many frames, products and convolutions alone. */
    flopsOfParts,
    /** Floating-point operations of one utterance of so many frames, matrix products and convolutions alone. */
    flops: (frames: number) => Object.values(flopsOfParts(frames)).reduce((sum, flops) => sum + flops),
  };
}
