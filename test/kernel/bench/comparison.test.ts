import { comparisonsIn, summaries } from "bestrq/bench/comparison";
import { median, medianInterval } from "bestrq/bench/measurement";
import { asMarkdown, lengthFigure } from "bestrq/bench/report";
import type { ResultsFile } from "bestrq/bench/results";
import { asText } from "bestrq/bench/tables";
import { displaySymbol } from "bestrq/figures";
import { Random } from "bestrq/tensor";
import { describe, expect, test } from "vitest";
import { expectGolden } from "../figures/golden";
import { measured, peer } from "./samples";

const failure = { mixer: "mhsa", size: "base", seconds: 80, batch: 1, work: "forward", error: "no memory" } as const;
const pairs = [
  measured(), // half the peer's time
  peer(),
  measured({ mixer: "mhsa", seconds: 40, best_s: 2.25, rounds_s: [2.25, 3] }),
  peer({ mixer: "mhsa", seconds: 40, best_s: 2, rounds_s: [2, 2] }),
  measured({ mixer: "mhsa", work: "forward+backward", best_s: 3, rounds_s: [3] }),
  peer({ mixer: "mhsa", work: "forward+backward", best_s: 4, rounds_s: [4], peak_rss_mib: 0 }),
  measured({ seconds: 20 }), // no peer
  failure,
];

test("medianInterval: holds the median of what the values were drawn from 95 times of 100", () => {
  const random = new Random(7);
  const draws = 1000;
  for (const count of [6, 9, 20, 41]) {
    let held = 0;
    for (let draw = 0; draw < draws; draw++) {
      const [low, high] = medianInterval(Array.from({ length: count }, () => random.next() ** 3));
      if (low <= 0.5 ** 3 && 0.5 ** 3 <= high) held++;
    }
    expect(held / draws, `${count} values`).toBeGreaterThan(0.93);
    expect(held / draws, `${count} values`).toBeLessThan(count < 10 ? 1 : 0.985);
  }
  expect(medianInterval([3, 1, 2])).toEqual([1, 3]);
});

test("median: the middle one, or the mean of the two in the middle", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([5])]).toEqual([2, 2.5, 5]);
});

describe("comparisonsIn", () => {
  test("divides ours by theirs, case by case and round by round", () => {
    expect(comparisonsIn(pairs)).toMatchObject([
      { mixer: "mamba", seconds: 10, ratio: 0.5, ratio_low: 0.3846, ratio_high: 0.52, rss_ratio: 0.5 },
      { mixer: "mhsa", seconds: 40, ratio: 1.125, ratio_low: 1.125, ratio_high: 1.5, rss_ratio: 0.5 },
      { mixer: "mhsa", work: "forward+backward", ratio: 0.75, rss_ratio: null },
    ]);
  });

  test("summaries: geometric mean, worst case and Mamba for each work", () => {
    expect(summaries(comparisonsIn(pairs))).toEqual([
      { work: "forward", peer: "abacus 1.0", cases: 2, geometric_mean: 0.75, worst: 1.125, worst_case: "mhsa, 40 s", mamba: 0.5 }, // biome-ignore format: a table
      { work: "forward+backward", peer: "abacus 1.0", cases: 1, geometric_mean: 0.75, worst: 0.75, worst_case: "mhsa, 10 s", mamba: null }, // biome-ignore format: a table
    ]);
  });
});

test("asText: one table a work, columns that align, the sum of it below", () => {
  const engine = { name: "tensorflow", device: "CPU", version: "2.21.0", threads: 2 } as const;
  const text = asText(pairs, { engine, gflops_per_s: 140 });
  expect(text).toContain("forward, base, batch 1: tensorflow 2.21.0 on the CPU, 2 threads, limit 140 GFLOP/s");
  expect(text).toContain(
    "ours / abacus 1.0: 0.75 in the geometric mean of 2 cases, 1.13 at worst (mhsa, 40 s), mamba 0.50",
  );
  const [heading, , ...rows] = text.split("\n\n")[1].split("\n");
  expect(rows).toHaveLength(3);
  expect(rows[0].indexOf("0.50")).toBe(heading.indexOf("best s") + 1);
  expect(asText([failure], { engine, gflops_per_s: 140 })).toBe("");
});

describe("report", () => {
  const run = { date: "", device: "CPU", versions: {}, limit_gflops_per_s: 140 };
  const file: ResultsFile = {
    format: 1,
    machine: { cpu: "Abacus 7", threads: 2, memory_gib: 1, system: "linux x64" },
    runs: [
      { ...run, id: "a", results: [measured({ best_s: 0.9 }), measured({ mixer: "mhsa", best_s: 7 })] },
      { ...run, id: "b", results: pairs },
      { ...run, id: "c", results: [measured({ best_s: 0.4 }), measured({ seconds: 600, best_s: 12.34 })] },
    ],
  };

  test("asMarkdown: the last result of each case, one beside the peer preferred", () => {
    const markdown = asMarkdown(file);
    expect(markdown).toContain("forward, base, batch 1, tensorflow, 2 threads:");
    expect(markdown).toContain("| 10 s, time | 0.50 s (0.50) | 7.0 s |");
    expect(markdown).toContain("| 600 s, time | 12.3 s |  |");
    expect(markdown).toContain("forward+backward, base");
    expect(markdown).toContain("ours / abacus 1.0: 0.75 in the geometric mean of 2 cases");
  });

  test("lengthFigure: time and memory of each mixer over the length of the input", async () => {
    const figure = lengthFigure(file)[displaySymbol]() as Record<string, string>;
    expect(figure["image/svg+xml"]).toContain("seconds of audio");
    expect(figure["text/plain"]).toContain("mamba 12.34");
    await expectGolden("benchLengths", figure["image/svg+xml"]);
  });
});
