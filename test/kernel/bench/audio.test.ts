// `bestrq bench audio`: what it reads, with whom it takes turns, and what it keeps.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeWav } from "bestrq/audio";
import { runAudioBench } from "bestrq/bench/audio";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq-bench-"));
  mkdirSync(join(folder, "it's speech"));
  const tone = Float32Array.from({ length: 16_000 }, (_, i) => Math.sin(i / 9));
  for (const name of ["a", "b"]) writeFileSync(join(folder, "it's speech", `${name}.wav`), encodeWav(tone, 16_000));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test("reads all recordings, in turns with another program, and keeps what both took", async () => {
  const speech = join(folder, "it's speech");
  const peer = join(folder, "peer.mjs");
  writeFileSync(
    peer,
    'console.log("hello"); const [dir, ...rest] = process.argv.slice(2);' +
      'console.log(JSON.stringify({ peer: [dir, ...rest].join(" "), best_s: 3, cpu_s: 4 }));',
  );
  const out = join(folder, "out.json");
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await runAudioBench([
    speech,
    "--repeat",
    "2",
    "--rounds",
    "1",
    "--peer",
    `"${process.execPath}" "${peer}"`,
    "--out",
    out,
  ]);
  expect(log).toHaveBeenCalledWith(expect.stringMatching(/^2 recordings, 2 s:\nprogram.*BEST-RQ Lab/s));
  const kept = JSON.parse(readFileSync(out, "utf8"));
  expect(kept).toMatchObject({ recordings: 2, seconds: 2, threads: 1, rounds: 1, repeat: 2 });
  const [ours, theirs] = kept.readings;
  expect(ours).toMatchObject({ program: "BEST-RQ Lab" });
  expect(ours.times_real_time_per_core).toBeCloseTo(2 / ours.cpu_s);
  expect(theirs).toEqual({
    program: `${speech} --threads 1 --repeat 2`,
    best_s: 3,
    cpu_s: 4,
    times_real_time_per_core: 0.5,
  });
});

test.each([
  [[], "name one folder of recordings"],
  [["here", "--threads", "0"], "threads must be a whole number from 1, got 0"],
  [["here", "--repeat", "2.5"], "repeat must be a whole number from 1, got 2.5"],
  [["nowhere"], "Cannot scan: nowhere must be a folder"],
])("refuses %j: %s", async (args, rule) => {
  await expect(runAudioBench([...args, "--out", "none"])).rejects.toThrow(rule);
});

test("a program that tells nothing is named by how it ended", async () => {
  const speech = join(folder, "it's speech");
  const run = runAudioBench([speech, "--repeat", "1", "--rounds", "1", "--out", "none", "--peer", "exit 3 #"]);
  await expect(run).rejects.toThrow("3");
});
