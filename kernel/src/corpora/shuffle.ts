/** A seeded source of randomness, such as the library's `Random`. */
export interface Chooser {
  /** An integer in 0 .. n - 1. */
  integer(n: number): number;
}

/** Shuffles in place (Fisher and Yates). @returns the same array */
export function shuffle<Indices extends number[] | Uint32Array>(indices: Indices, random: Chooser): Indices {
  for (let i = indices.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const one = indices[i];
    indices[i] = indices[j];
    indices[j] = one;
  }
  return indices;
}
