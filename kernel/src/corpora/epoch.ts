import { type Chooser, shuffle } from "./shuffle";

/** How {@link epochBatches} deals. */
export interface EpochOptions {
  /** Seconds of audio in a batch, padding included: the longest utterance times how many there are (paper: 400). */
  readonly seconds: number;
  /** Groups of about equal length, equally full, that batches are made of (paper: 150). */
  readonly buckets: number;
}

/**
 * Deals utterances into the batches of an epoch: those of about equal length together, so that little is padding, in an
 * order that `random` alone decides. A longer utterance than a batch may have makes a batch of its own.
 *
 * @param seconds of every utterance
 * @param indices the utterances to deal, once each
 * @returns the indices of each batch's utterances
 * @example
 * const options = { seconds: 30, buckets: 2 };
 * const batches = corpora.epochBatches([9, 3, 10, 4], [0, 1, 2, 3], options, new Random(1));
 * batches.map((batch) => batch.length); // [2, 2]
 */
export function epochBatches(
  seconds: ArrayLike<number>,
  indices: ArrayLike<number>,
  { seconds: most, buckets }: EpochOptions,
  random: Chooser,
): number[][] {
  const byLength = Uint32Array.from(indices).sort((a, b) => seconds[a] - seconds[b] || a - b);
  const batches: number[][] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const bound = (part: number) => Math.round((part * byLength.length) / buckets);
    let longest = 0;
    let batch: number[] = [];
    for (const index of shuffle(byLength.subarray(bound(bucket), bound(bucket + 1)), random)) {
      longest = Math.max(longest, seconds[index]);
      if (batch.length > 0 && longest * (batch.length + 1) > most) {
        batches.push(batch);
        batch = [];
        longest = seconds[index];
      }
      batch.push(index);
    }
    if (batch.length > 0) batches.push(batch);
  }
  return shuffle(batches, random);
}
