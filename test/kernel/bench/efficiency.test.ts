// The paper's efficiency protocol: what is measured, what is made of it, and that an interrupted study goes on.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Efficiency } from "bestrq/bench/efficiency";
import { parseEfficiency, settingsOf } from "bestrq/bench/efficiency/options";
import { pointsOf } from "bestrq/bench/efficiency/points";
import { crossover, curvesOf, quantities, relative, savings } from "bestrq/bench/efficiency/ratios";
import type { EfficiencyResult } from "bestrq/bench/efficiency/results";
import { Pass, planned } from "bestrq/bench/efficiency/work";
import { readResults } from "bestrq/bench/results";
import { displaySymbol } from "bestrq/figures";
import { memory } from "bestrq/profile";
import { tf } from "bestrq/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectGolden } from "../figures/golden";
import { root } from "../imports";
import { useBackend } from "../tensor/backends";

const folder = mkdtempSync(join(tmpdir(), "efficiency-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the points", () => {
  test("are the paper's by default, and beyond", () => {
    const settings = settingsOf({});
    expect(settings).toMatchObject({ batch: 6, runs: 10, seconds: [10, 20, 30, 40, 50, 60, 70, 80], planned: [3600] });
    const points = pointsOf(settings);
    expect(points).toHaveLength(2 * 5 * (8 * 2 + 3 + 2));
    expect(new Set(points.slice(0, 5).map(({ mixer }) => mixer)).size).toBe(5);
    expect(points[0]).toEqual({ work: "training forward", size: "base", mixer: "mhsa", seconds: 10, batch: 6, planned: false }); // biome-ignore format: one line
    expect(points.every(({ work, batch }) => batch === (work === "inference" ? 1 : 6))).toBe(true);
  });

  test("are what the command line says", () => {
    const { settings, report } = parseEfficiency(
      "--mixers mhsa mamba --sizes tiny --works training --seconds 1 2.5 --beyond none --limit 30 --report".split(" "),
    );
    const expected = {
      mixers: ["mhsa", "mamba"],
      works: ["training forward"],
      seconds: [1, 2.5],
      beyond: [],
      limit: 30,
    };
    expect(settings).toMatchObject(expected);
    expect(report).toBe(true);
    expect(() => parseEfficiency(["--runs", "0"])).toThrow("Cannot bench: runs must be a whole number from 1, got 0");
    expect(() => parseEfficiency(["--sizes", "huge"])).toThrow("sizes must be one of tiny, base, large");
  });
});

/** Measured: MHSA takes the square, another a line; planned are both. */
function resultsOf(mixer: string, time: (seconds: number) => number, lengths: readonly number[]): EfficiencyResult[] {
  const about = { size: "base", mixer, batch: 6, parameters: 1, flops: 1, work: "training forward" } as const;
  const engine = { backend: "tensorflow", device: "CPU", threads: 2, runs: 10, first_s: 9, compile_s: 1 };
  return lengths.map((seconds) => {
    const [median_s, planned_bytes] = [time(seconds), 2 ** 30 * time(seconds)];
    const memory = { rss_peak_mib: 1000, rss_growth_mib: 1024 * median_s, planned_bytes, load: [0.5, 2.1] as const };
    const times = { min_s: 0.9 * median_s, median_s, max_s: 1.5 * median_s };
    return { ...about, ...engine, ...times, ...memory, seconds } as EfficiencyResult;
  });
}

describe("what is made of the results", () => {
  const mhsa = resultsOf("mhsa", (seconds) => seconds ** 2 / 1000, [10, 20, 40]);
  const mamba = resultsOf("mamba", (seconds) => seconds / 40, [10, 20, 40]);
  const { min_s, median_s, max_s, ...rest } = resultsOf("mhsa", () => 9, [80])[0] as EfficiencyResult & Record<string, number>; // biome-ignore format: one line
  const tooLong = { ...rest, planned: "memory" } as unknown as EfficiencyResult;
  const machine = { cpu: "Abacus", threads: 2, memory_gib: 1, system: "linux x64" };
  const study = new Efficiency(machine, [...mhsa, tooLong, ...mamba, ...resultsOf("mamba", () => 2, [80])]);

  test("are ratios, crossings and savings", () => {
    const [, ratios] = relative(curvesOf(study.results, quantities.time));
    expect(ratios).toEqual({ mixer: "mamba", x: [10, 20, 40], y: [2.5, 1.25, 0.625] });
    expect(crossover(ratios)).toBe("28 s");
    expect(crossover({ ...ratios, y: [3, 2, 1] })).toBe("not up to 40 s");
    expect(crossover({ ...ratios, y: [0.9, 0.8, 0.7] })).toBe("below 10 s");
    expect(savings([ratios])).toEqual({ least: -0.25, most: 0.375, seconds: [20, 40] });
  });

  test("are told with what was planned only, and never with one memory beside another", async () => {
    const text = String(study);
    expect(text).toContain("On Abacus, 2 threads, 1 GiB");
    expect(text).toMatch(/80 s, time +planned only +2\.00 s/);
    expect(text).toMatch(/40 s, growth of RSS +1\.6 GiB +1\.0 GiB \(0\.63\)/);
    expect(text).toContain(
      "Time: less than MHSA's from: mamba 28 s; saved at 20 to 40 s: -25 to 38 % (paper, on a GPU: 7-65 %).",
    );
    expect(text).toMatch(
      /planned op by op: less than MHSA's from: mamba 28 s; saved at 20 to 80 s: .* \(paper, on a GPU: 20-60 %\)/,
    );
    expect(study.toMarkdown()).toContain("| 10 s, time ");
    for (const [name, figure] of Object.entries(study.figures())) {
      const { "image/svg+xml": svg, "text/plain": text } = figure[displaySymbol]() as Record<string, string>;
      await expectGolden(`efficiency-${name}`, svg);
      expect(text).toContain("planned op by op");
    }
    const table = study.table();
    expect(table.columns).toContain("planned op by op, bytes");
    const rows = [...(await table.rows())];
    expect(rows).toHaveLength(study.results.length);
    expect(rows.every((row) => typeof row.at(-1) === "number")).toBe(true);
  });
});

describe("what is planned", () => {
  beforeAll(() => useBackend("wasm"));

  test.each(["training forward", "inference"] as const)("is what the ledger counts: %s", async (work) => {
    const point = { work, size: "tiny", mixer: "mhsa", seconds: 2, batch: work === "inference" ? 1 : 2 } as const;
    const before = tf.memory().numTensors;
    const pass = new Pass(point);
    const run = () => {
      pass.aside();
      pass.run().dispose();
    };
    const { peakBytes } = await memory(run, { held: pass.held });
    expect(planned(point)).toMatchObject({ bytes: peakBytes, parameters: pass.model.parameterCount });
    pass.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("is more in training mode, where all is kept that gradients need", () => {
    const point = { size: "tiny", mixer: "mhsa", batch: 2 } as const;
    const bytes = (work: "training forward" | "inference", seconds: number) =>
      planned({ ...point, work, seconds }).bytes;
    expect(bytes("training forward", 60) / bytes("inference", 60)).toBeGreaterThan(3);
    expect(bytes("training forward", 480) / bytes("training forward", 240)).toBeGreaterThan(3.5); // the square
    expect(bytes("inference", 480) / bytes("inference", 240)).toBeLessThan(2.1);
  });
});

describe("bench efficiency", () => {
  const program = join(root, "kernel/dist/cli.js");
  const out = join(folder, "results.json");
  const line = `bench efficiency --sizes tiny --mixers mhsa mamba --seconds 0.5 --beyond none --planned 60 --runs 3 --threads 2 --out ${out}`;
  const args = [program, ...line.split(" ")];
  const kept = () => readResults<EfficiencyResult>(out)?.runs.map(({ results }) => results) ?? [];

  const finished = (...more: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [...args, ...more], (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
    });

  test("keeps what it measured when it is killed, and goes on from there", async () => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    await new Promise<void>((resolve) => {
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        if (text.includes("[2/8]")) child.kill("SIGKILL");
      });
      child.once("close", () => resolve());
    });
    const [first] = kept();
    expect(first).toHaveLength(1);

    const { code, stdout, stderr } = await finished();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("[1/7] mamba, tiny, 0.5 s × 6, training forward");
    const [again, rest] = kept();
    expect(again).toEqual(first);
    expect(rest).toHaveLength(7);
    for (const result of rest.filter(({ seconds }) => seconds < 60)) {
      expect(result).toMatchObject({ runs: 3, threads: 2, load: [expect.any(Number), expect.any(Number)] });
      const { min_s, median_s, max_s, rss_growth_mib } = result as unknown as Record<string, number>;
      expect(min_s <= median_s && median_s <= max_s && min_s > 0).toBe(true);
      expect(rss_growth_mib).toBeGreaterThan(0);
    }
    for (const result of rest.filter(({ seconds }) => seconds === 60)) expect(result).toMatchObject({ planned: "for its length" }); // biome-ignore format: one line
    expect(stdout).toMatch(/60 s, planned op by op +4\.\d GiB +1\.\d GiB \(0\.2\d\)/);
  }, 300_000);

  test("tells what was measured, as Markdown, and draws both figures beside the file", async () => {
    const { code, stdout, stderr } = await finished("--report");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^\| 0.5 s, time +\| .* s \| .* s \(\d\.\d\d\) \|$/m);
    for (const name of ["absolute", "relative"]) {
      const path = out.replace(".json", `-${name}.svg`);
      expect(existsSync(path)).toBe(true);
      expect(readFileSync(path, "utf8")).toContain("<svg");
    }
  }, 120_000);
});
