import type { Batch } from "bestrq/nn";
import { tf } from "bestrq/tensor";

/** A batch whose utterances have so many valid frames of `frames`, without dropout. */
export function batchOf(lengths: readonly number[], frames: number): Batch {
  const mask = lengths.map((length) => Array.from({ length: frames }, (_, t) => [t < length ? 1 : 0]));
  return { mask: tf.tensor3d(mask, [lengths.length, frames, 1]), dropout: (x) => x };
}
