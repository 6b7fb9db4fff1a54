import { Utterance } from "bestrq/audio";
import { batches, joinUtterances } from "bestrq/corpora";
import { Random } from "bestrq/tensor";
import { describe, expect, test } from "vitest";

const of = (...seconds: number[]) => seconds.map((one) => ({ seconds: one }));

describe("batches()", () => {
  test("keeps the order without a source of randomness", () => {
    expect(batches(of(1, 1, 1, 1, 1), { batchSize: 2 })).toEqual([[0, 1], [2, 3], [4]]);
  });

  test("fills a batch up to so many seconds; what is longer stands alone", () => {
    expect(batches(of(3, 2, 4, 11, 1), { seconds: 5 })).toEqual([[0, 1], [2], [3], [4]]);
    expect(batches(of(1, 1, 1, 1), { seconds: 10, batchSize: 3 })).toEqual([[0, 1, 2], [3]]);
  });

  test("deals every utterance once, the same for the same seed, otherwise for another", () => {
    const utterances = of(...Array.from({ length: 101 }, (_, i) => 1 + (i % 7)));
    const deal = (seed: number) => batches(utterances, { seconds: 20, random: new Random(seed) });
    expect(
      deal(1)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual([...utterances.keys()]);
    expect(deal(1)).toEqual(deal(1));
    expect(deal(1)).not.toEqual(deal(2));
    for (const batch of deal(1))
      expect(batch.reduce((sum, i) => sum + utterances[i].seconds, 0)).toBeLessThanOrEqual(20);
  });

  test("needs to know how large", () => {
    expect(() => batches(of(1), {})).toThrow(/batchSize \(1 or more\) or seconds/);
    expect(() => batches(of(1), { batchSize: 0 })).toThrow(RangeError);
    expect(batches([], { batchSize: 2 })).toEqual([]);
  });
});

describe("joinUtterances()", () => {
  const digit = (name: string, speaker: string, value: number, samples: number) =>
    new Utterance({ path: `${name}.wav`, name, speaker, text: name, waveform: new Float32Array(samples).fill(value) });

  test("joins recordings of one speaker, up to so many seconds", () => {
    const spoken = [
      digit("one", "ada", 0.1, 8000),
      digit("two", "bob", 0.2, 8000),
      digit("three", "ada", 0.3, 4000),
      digit("four", "ada", 0.4, 8000),
      digit("five", "bob", 0.5, 32_000),
    ];
    const joined = joinUtterances(spoken, { seconds: 1 });
    expect(joined.map(({ name, speaker, text, seconds }) => [name, speaker, text, seconds])).toEqual([
      ["one+three", "ada", "one three", 0.75],
      ["four", "ada", "four", 0.5],
      ["two", "bob", "two", 0.5],
      ["five", "bob", "five", 2],
    ]);
    expect(joined[0].waveform[7999]).toBeCloseTo(0.1, 6);
    expect(joined[0].waveform[8000]).toBeCloseTo(0.3, 6);
  });

  test("shuffles by the seed, losing nothing", () => {
    const spoken = Array.from({ length: 23 }, (_, i) => digit(`${i}`, "ada", 0, 4000));
    const join = (seed: number) =>
      joinUtterances(spoken, { seconds: 1, random: new Random(seed) }).map(({ name }) => name);
    expect(join(5)).toEqual(join(5));
    expect(join(5)).not.toEqual(join(6));
    expect(join(5).join("+").split("+")).toHaveLength(23);
  });

  test("refuses no seconds", () => {
    expect(() => joinUtterances([], { seconds: 0 })).toThrow(/seconds must be above 0, got 0/);
  });
});
