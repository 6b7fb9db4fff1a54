/** A seeded source of randomness, such as the library's `Random`. */
export interface Chooser {
  /** An integer in 0 .. n - 1. */
  integer(n: number): number;
}

/** Shuffles in place (Fisher and Yates): a list, or an array of indices. @returns the same array */
export function shuffle<Items extends { readonly length: number; [index: number]: unknown }>(
  items: Items,
  random: Chooser,
): Items {
  const swapped: { [index: number]: unknown } = items;
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const one = swapped[i];
    swapped[i] = swapped[j];
    swapped[j] = one;
  }
  return items;
}
