// The command as it is built: a process for each case, and others beside it.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readResults } from "bestrq/bench/results";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../imports";

const program = join(root, "kernel/dist/cli.js");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (line: string, ...more: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string; lines: Record<string, unknown>[] }>((resolve) => {
    const args = [program, "bench", ...line.split(" "), ...more, "--size", "tiny", "--threads", "2"];
    execFile(process.execPath, args, (error, stdout, stderr) => {
      const lines = line.includes("--json") ? stdout.trim().split("\n").filter(Boolean).map((each) => JSON.parse(each)) : []; // biome-ignore format: one line
      resolve({ code: Number(error?.code ?? 0), stdout, stderr, lines });
    });
  });

/** A program that does no work: it says when it was called, and answers as a peer does. */
function fakePeer(): { command: string; calls: () => string[] } {
  const [script, log] = [join(folder, "peer.cjs"), join(folder, "calls")];
  writeFileSync(
    script,
    `const flags = process.argv.slice(2);
     require("node:fs").appendFileSync(${JSON.stringify(log)}, flags.join(" ") + "\\n");
     const of = (name) => flags[flags.indexOf(name) + 1];
     console.log("a line of something else");
     const work = flags.includes("--train") ? "forward+backward" : "forward";
     console.log(JSON.stringify({ peer: "abacus 1.0", mixer: of("--mixers"), seconds: Number(of("--seconds")), work, best_s: 1000, peak_rss_mib: 1 }));`,
  );
  return { command: `"${process.execPath}" "${script}"`, calls: () => readFileSync(log, "utf8").trim().split("\n") };
}

const fields = "backend mixer size parameters seconds batch threads work best_s peak_bytes peak_rss_mib".split(" ");

test.each([
  ["tensorflow", "mamba"],
  ["wasm", "fastformer mamba"],
])(
  "bench forward --json on %s: a line for each case with the promised fields, kept in the file",
  async (backend, mixers) => {
    const out = join(folder, `${backend}.json`);
    const settings = `forward --mixers ${mixers} --seconds 0.5 --repeat 2 --backend ${backend} --json --out`;
    const { code, lines, stderr } = await run(settings, out);
    expect(code, stderr).toBe(0);
    expect(lines.map(({ mixer }) => mixer)).toEqual(mixers.split(" "));
    for (const line of lines) {
      expect(Object.keys(line).slice(0, fields.length)).toEqual(fields);
      expect(line).toMatchObject({ backend, size: "tiny", seconds: 0.5, batch: 1, work: "forward", repeat: 2 });
      const [best, median, worst] = [line.best_s, line.median_s, line.worst_s] as number[];
      expect(best).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(best);
      expect(worst).toBeGreaterThanOrEqual(median);
      expect(line.peak_bytes).toBeGreaterThan(4 * (line.parameters as number));
      expect(line.peak_rss_mib).toBeGreaterThan((line.peak_bytes as number) / 2 ** 20);
    }
    expect(stderr).toMatch(
      /^bench: \d process(es)?, one after the other: about .*\n\[1\/\d\] ours: \w+, 0.5 s, forward/,
    );
    const file = readResults(out);
    expect(file?.machine).toMatchObject({ cpu: expect.any(String), threads: expect.any(Number) });
    expect(file?.runs).toMatchObject([{ device: "CPU", versions: { node: process.versions.node }, results: lines }]);
  },
);

test("bench train --peer: takes turns, gives ratios and their mean", async () => {
  const { command, calls } = fakePeer();
  const settings = "train --mixers mhsa --seconds 0.5 --repeat 1 --rounds 2 --backend wasm --json --out none --peer";
  const { code, lines, stderr } = await run(settings, command);
  expect(code, stderr).toBe(0);
  const flags = "--mixers mhsa --seconds 0.5 --batch 1 --threads 2 --repeat 1 --size tiny --train";
  expect(calls()).toEqual([flags, flags]);
  expect(stderr.match(/ours|peer/g)).toEqual(["ours", "peer", "ours", "peer"]);
  const [ours, theirs, ratio, summary] = lines;
  expect(ours).toMatchObject({ backend: "wasm", threads: 1, work: "forward+backward", repeat: 2 });
  expect(theirs).toMatchObject({ peer: "abacus 1.0", best_s: 1000, rounds_s: [1000, 1000] });
  expect(ratio.ratio).toBeCloseTo((ours.best_s as number) / 1000, 6);
  expect(summary).toMatchObject({ cases: 1, worst_case: "mhsa, 0.5 s", geometric_mean: ratio.ratio, mamba: null });
});

describe("failures", () => {
  test("a case that fails, and a peer that does, are reported and end nothing else", async () => {
    const settings = "forward --mixers mhsa --seconds 1e9 0.5 --repeat 1 --rounds 1 --backend wasm --json --out none";
    const { code, lines, stderr } = await run(settings, "--peer", "echo oh dear >&2; exit 3 #");
    expect(code).toBe(1);
    expect(lines).toMatchObject([
      { mixer: "mhsa", seconds: 1e9, error: expect.stringMatching(/length/) },
      { peer: "peer", seconds: 1e9, error: "The process ended by exit code 3: oh dear" },
      { mixer: "mhsa", seconds: 0.5, best_s: expect.any(Number) },
      { peer: "peer", seconds: 0.5 },
    ]);
    expect(stderr).toContain("peer: mhsa, 0.5 s, forward: The process ended by exit code 3: oh dear");
  });

  test("what was measured before it is cut short is kept", async () => {
    const out = join(folder, "cut.json");
    const line = "forward --mixers fastformer mhsa --seconds 0.5 --repeat 1 --size tiny --backend wasm --json --out";
    const child = spawn(process.execPath, [program, "bench", ...line.split(" "), out]);
    await new Promise((told) => child.stderr.on("data", (text) => /\[2\/2\]/.test(String(text)) && told(undefined)));
    child.kill();
    await new Promise((ended) => child.once("close", ended));
    expect(readResults(out)?.runs).toMatchObject([{ results: [{ mixer: "fastformer" }] }]);
  });

  test("without a backend it says so and ends with 1", async () => {
    const { code, stdout, stderr } = await run("forward --backend cuda");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/backend "cuda": it must be one of .*tensorflow/);
  });
});

test("bench --profile: where the time goes, by op and by layer", async () => {
  const { code, stdout } = await run("forward --profile --mixers mhsa --seconds 0.5 --repeat 1 --backend wasm");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^op +ms +share +calls/m);
  expect(stdout).toMatch(/^encoder\.\*\.mixer.* +\d+\.\d +\d+\.\d %/m);
});

test("bench report: tables from what was kept, and a figure beside it; without anything, the way out", async () => {
  const out = join(folder, "wasm.json");
  const { code, stdout } = await run("report --out", out);
  expect(code).toBe(0);
  expect(stdout).toContain("|  | fastformer | mamba |");
  expect(readFileSync(join(folder, "wasm.svg"), "utf8")).toMatch(/^<svg /);
  const none = await run("report --out", join(folder, "none.json"));
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("Measure some: bestrq bench") });
});
