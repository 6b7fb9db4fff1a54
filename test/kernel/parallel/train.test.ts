// Two processes train as one does. More of them, more steps and a killed one: test/long/parallel.long.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { mpirun } from "./mpirun";
import { farthestLoss, metricsOf, trainCommand } from "./trained";

const folder = mkdtempSync(join(tmpdir(), "bestrq-parallel-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("two processes have the losses of one", async () => {
  const runs: ReturnType<typeof metricsOf>[] = [];
  for (const processes of [1, 2]) {
    const out = join(folder, String(processes));
    const { code, stdout, stderr } = await mpirun(processes, trainCommand(out, 5));
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("Cannot") });
    expect(stdout.trim().split("\n")).toHaveLength(5); // one process alone tells of a step
    runs.push(metricsOf(out));
  }
  const [one, two] = runs;
  expect(two.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  for (const [index, { audioSeconds }] of two.entries()) expect(audioSeconds).toBeCloseTo(one[index].audioSeconds, 9);
  expect(one[4].loss).not.toBeCloseTo(one[0].loss, 3);
  expect(farthestLoss(one, two)).toBeLessThan(1e-5);
}, 300_000);

test("more processes than batches are refused, by the one that says so", async () => {
  const end = await mpirun(2, trainCommand(join(folder, "refused"), 5, "--set", "accumulation=1"));
  expect(end.code).not.toBe(0);
  expect(end.stderr).toContain("Cannot share a step of 1 batches among 2 processes: accumulation must be at least");
  expect(end.stderr).toMatch(/rank \d of 2 on \S+ ends the run: its exit code is 1/);
}, 300_000);
