/** A seeded source of randomness, such as the library's `Random`. */
export interface Chooser {
  /** An integer in 0 .. n - 1. */
  integer(n: number): number;
}

/** Shuffles in place (Fisher and Yates). @returns the same array */
export function shuffle<Items extends unknown[] | Uint32Array>(items: Items, random: Chooser): Items {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const one = items[i];
    items[i] = items[j];
    items[j] = one;
  }
  return items;
}
