// What each mechanism itself says about which frame hears which: one matrix [T, T] per head, row i = output frame,
// column j = input frame. Rows are shares (they sum to 1) but for HyperMixing and Mamba, whose weights are magnitudes.
import type { MixerName } from "../bestrq";
import { tf } from "../tensor";
import { hiddenAttention } from "./hiddenAttention";
import type { Taps } from "./taps";

/** One head's matrix, by name. */
export interface Panel {
  readonly name: string;
  /** [T, T], row by row. */
  readonly values: Float32Array;
  readonly shape: readonly [rows: number, columns: number];
}

type NativeMap = (tap: (name: string) => tf.Tensor, has: (name: string) => boolean) => Promise<Panel[]>;

/** Panels of a tensor [1, H, T, T], which the caller's tidy frees. */
async function heads(maps: tf.Tensor): Promise<Panel[]> {
  const [, count, rows, columns] = maps.shape as [number, number, number, number];
  const values = await maps.data<"float32">();
  return Array.from({ length: count }, (_, head) => ({
    name: count === 1 ? "all heads" : `head ${head + 1}`,
    values: values.slice(head * rows * columns, (head + 1) * rows * columns),
    shape: [rows, columns] as const,
  }));
}

const nativeMaps: Record<MixerName, NativeMap> = {
  /** Attention: softmax_j(scores_ij). */
  mhsa: (tap) => heads(tap("attention")),

  /** |W₂ diag(g) W₁ᵀ|: the mixing matrices around the slope g of the GELU at this utterance, averaged over features. */
  hypermixing: (tap) => {
    const slope = geluSlope(tap("mixed")).mean(-1).expandDims(2); // [B, H, 1, K]
    return heads(tf.abs(tf.matMul(tap("mixing 2").mul(slope), tap("mixing 1"), false, true)));
  },

  /** β_j, the share of frame j in the global key, which every output frame i hears alike. */
  fastformer: (tap) => {
    const weights = tap("key weights").expandDims(2); // [B, H, 1, T]
    return heads(weights.tile([1, 1, weights.shape[3] as number, 1]));
  },

  /**
   * Each frame hears itself through the local branch, all frames through the summary: by their sizes at the merge.
   * The lite form has no local branch, and all frames hear the summary alone.
   */
  summarymixing: (tap, has) => {
    const sizes = tf.norm(tap("summary").squeeze([0]), 2, -1); // [T]
    const contribution = sizes.div(sizes.sum()).expandDims(0); // [1, T]
    if (!has("local")) return heads(contribution.tile([sizes.size, 1]).expandDims(0).expandDims(0));
    const local = tap("local") as tf.Tensor3D; // [1, T, L]
    const merge = tap("merge") as tf.Tensor2D; // [L + S, D]
    const split = local.shape[2];
    const own = tf.norm(tf.matMul(local.squeeze([0]) as tf.Tensor2D, merge.slice(0, split)), 2, -1); // [T]
    const common = tf.norm(tf.matMul(tap("mean summary").squeeze([0]) as tf.Tensor2D, merge.slice(split)), 2, -1); // [1]
    const share = own.div(own.add(common)).expandDims(1); // [T, 1]: how much of what frame i is given is local
    const itself = tf.eye(share.shape[0] as number).mul(share);
    return heads(itself.add(tf.sub(1, share).mul(contribution)).expandDims(0).expandDims(0));
  },

  /** Hidden attention: what the scan unrolls to, its magnitude averaged over channels; the past below, the future above. */
  mamba: async (tap, has) => {
    const direction = (name: string) => ({
      step: tap(`${name}.step size`) as tf.Tensor3D,
      decay: tap(`${name}.decay`) as tf.Tensor2D,
      inputMap: tap(`${name}.input map`) as tf.Tensor3D,
      outputMap: tap(`${name}.output map`) as tf.Tensor3D,
      skip: tap(`${name}.skip`) as tf.Tensor1D,
    });
    const forward = await hiddenAttention(direction("forward"));
    const frames = forward.shape[0];
    if (!has("backward.step size")) return [{ name: "forward", ...forward }];
    const backward = await hiddenAttention(direction("backward"));
    // The backward scan saw the sequence reversed: both axes turn around, which reverses the flat matrix.
    const values = backward.values.reverse().map((value, index) => value + forward.values[index]);
    return [{ name: "both directions", values, shape: [frames, frames] }];
  },
};

/** d/dx of x Φ(x): Φ(x) + x φ(x). */
const geluSlope = (x: tf.Tensor): tf.Tensor =>
  tf
    .erf(x.mul(Math.SQRT1_2))
    .add(1)
    .div(2)
    .add(x.mul(tf.exp(x.square().div(-2))).mul(1 / Math.sqrt(2 * Math.PI)));

/** The native map of one utterance from what its mixer tapped. */
export function nativeMap(mixer: MixerName, taps: Taps): Promise<Panel[]> {
  const tap = (name: string) => {
    const tensor = taps.get(name);
    if (!tensor) throw new Error(`Cannot map ${mixer}: it showed no "${name}", but ${[...taps.keys()].join(", ")}`);
    return tensor;
  };
  let panels!: Promise<Panel[]>; // a tidy returns none
  tf.tidy(() => {
    panels = nativeMaps[mixer](tap, (name) => taps.has(name));
  });
  return panels;
}
