import { type Batch, paddingMask } from "bestrq/nn";

/** A batch whose utterances have so many valid frames of `frames`, without dropout. */
export function batchOf(lengths: readonly number[], frames: number): Batch {
  return { mask: paddingMask(lengths, frames), dropout: (x) => x };
}
