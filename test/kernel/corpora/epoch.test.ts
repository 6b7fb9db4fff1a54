import { epochBatches } from "bestrq/corpora";
import { Random } from "bestrq/tensor";
import { describe, expect, test } from "vitest";

/** Lengths as in LibriSpeech: 2 to 60 s, most of them 10 to 20. */
function lengths(count: number, seed = 1): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: count }, () => 2 + 14 * (random.next() + random.next()) + (random.integer(50) === 0 ? 30 : 0)); // biome-ignore format: one line
}
const all = (seconds: Float64Array) => Uint32Array.from({ length: seconds.length }, (_, i) => i);
const paper = { seconds: 400, buckets: 150 };

describe("epochBatches()", () => {
  test("deals every utterance once, no batch over the limit, little of it padding", () => {
    const seconds = lengths(50_021);
    const batches = epochBatches(seconds, all(seconds), paper, new Random(3).fork("epoch 0"));
    const dealt = Uint32Array.from(batches.flat()).sort();
    expect(dealt).toEqual(all(seconds));
    let [padded, speech] = [0, 0];
    for (const batch of batches) {
      const one = batch.map((index) => seconds[index]);
      const size = Math.max(...one) * one.length;
      expect(size).toBeLessThanOrEqual(400);
      padded += size;
      speech += one.reduce((sum, value) => sum + value, 0);
    }
    expect(speech / padded).toBeGreaterThan(0.98);
  });

  test("has the same order for the same seed and epoch, another for another", () => {
    const seconds = lengths(2003);
    const epoch = (seed: number, number: number) =>
      epochBatches(seconds, all(seconds), paper, new Random(seed).fork(`epoch ${number}`));
    expect(epoch(1, 0)).toEqual(epoch(1, 0));
    expect(epoch(1, 0)).not.toEqual(epoch(1, 1));
    expect(epoch(1, 0)).not.toEqual(epoch(2, 0));
    const together = (batches: number[][]) => new Set(batches.map((batch) => [...batch].sort((a, b) => a - b).join()));
    expect(together(epoch(1, 0))).not.toEqual(together(epoch(1, 1))); // others are in a batch, too
  });

  test("deals some of the utterances, fewer than buckets, equally long or too long", () => {
    const deal = (seconds: number[], indices: number[]) =>
      epochBatches(seconds, indices, { seconds: 10, buckets: 7 }, new Random(1));
    expect(deal([], [])).toEqual([]);
    expect(deal([3, 4, 5], [2]).flat()).toEqual([2]);
    expect(deal([3, 99, 5], [0, 1, 2]).find((batch) => batch.includes(1))).toEqual([1]);
    expect(deal(Array(20).fill(2), [...Array(20).keys()]).flat().length).toBe(20);
  });

  test("deals a million utterances", () => {
    const seconds = lengths(1_000_003);
    const batches = epochBatches(seconds, all(seconds), paper, new Random(1));
    expect(batches.reduce((sum, { length }) => sum + length, 0)).toBe(1_000_003);
  });
});
