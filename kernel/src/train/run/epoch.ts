import type { Random } from "../../tensor";
import type { BatchFields } from "../recipe";

/**
 * Deals utterances into the batches of an epoch: those of about equal length together, so that little is padding, in an
 * order that `random` alone decides.
 *
 * @param seconds of every utterance
 * @param indices the utterances to deal, once each
 * @param fields seconds of a batch, padding included, and how many groups of length there are
 */
export function epochBatches(
  seconds: ArrayLike<number>,
  indices: readonly number[],
  { seconds: most, buckets }: Pick<BatchFields, "seconds" | "buckets">,
  random: Random,
): number[][] {
  const byLength = [...indices].sort((a, b) => seconds[a] - seconds[b] || a - b);
  const batches: number[][] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const bound = (part: number) => Math.round((part * byLength.length) / buckets);
    let longest = 0;
    let batch: number[] = [];
    for (const index of shuffled(byLength.slice(bound(bucket), bound(bucket + 1)), random)) {
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
  return shuffled(batches, random);
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
