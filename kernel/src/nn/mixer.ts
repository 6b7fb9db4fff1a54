import { tf } from "../tensor";
import type { Parameters, Spec } from "./parameters";

/** What a layer knows about the batch beside its features. */
export interface Batch {
  /** [B, T, 1]: 1 where a frame is speech, 0 where it is padding. */
  readonly mask: tf.Tensor3D;
  /** Drops entries of a tensor at random while training; the identity otherwise. */
  readonly dropout: <T extends tf.Tensor>(x: T) => T;
}

/** The mask of utterances of so many frames each, padded to `frames`: [B, frames, 1]. */
export function paddingMask(lengths: readonly number[], frames: number): tf.Tensor3D {
  const values = new Float32Array(lengths.length * frames);
  lengths.forEach((length, row) => {
    values.fill(1, row * frames, row * frames + Math.min(length, frames));
  });
  return tf.tensor3d(values, [lengths.length, frames, 1]);
}

/**
 * A token mixer: what stands in the place of self-attention in a conformer block.
 * All five share this interface; each is made by a factory that takes its sizes.
 */
export interface Mixer<S extends Spec = Spec> {
  /** Names, shapes and beginnings of its parameters. */
  readonly spec: S;
  /** x [B, T, D] → [B, T, D]. A padded frame never changes a valid one's output. */
  apply(parameters: Parameters<S>, x: tf.Tensor3D, batch: Batch): tf.Tensor3D;
  /** Floating-point operations of one utterance of so many frames, a multiplication and an addition counting two. */
  flops(frames: number): number;
}
