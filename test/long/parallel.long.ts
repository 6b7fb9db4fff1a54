// Two, three and four processes have one process's losses; one that is killed ends the run, which goes on with others.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { mpirun } from "../kernel/parallel/mpirun";
import { farthestLoss, metricsOf, trainCommand } from "../kernel/parallel/trained";
import { keepResult } from "./results";

const steps = 50;
const folder = mkdtempSync(join(tmpdir(), "bestrq-parallel-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function trained(processes: number, name: string, ...more: string[]) {
  const out = join(folder, name);
  const { code, stderr } = await mpirun(processes, trainCommand(out, steps, ...more));
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const metrics = metricsOf(out);
  expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, index) => index + 1));
  return metrics;
}

/** The process of a rank among those that train in a folder; of Linux. */
function processOf(rank: number, out: string): number | undefined {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).find((number) => {
    try {
      const [environment, command] = ["environ", "cmdline"].map((name) =>
        readFileSync(`/proc/${number}/${name}`, "utf8"),
      );
      const isRank = environment.split("\0").includes(`OMPI_COMM_WORLD_RANK=${rank}`);
      return isRank && command.split("\0").includes(out);
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

test("any number of processes has the losses of one; a killed one ends the run, which another number goes on with", async () => {
  const one = await trained(1, "1");
  expect(one[steps - 1].loss).toBeLessThan(one[0].loss);
  const differences: Record<string, number> = {};
  for (const processes of [2, 3, 4]) {
    differences[`${processes} processes`] = farthestLoss(one, await trained(processes, String(processes)));
  }

  const out = join(folder, "killed");
  const child = mpirun(2, trainCommand(out, steps));
  const file = join(out, "metrics.jsonl");
  const lines = () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0); // whole ones
  while (lines() < 11) await wait(50);
  process.kill(processOf(1, out) as number, "SIGKILL");
  const end = await child;
  expect(end.code).not.toBe(0);
  expect(end.stderr).toMatch(/process rank 1 with PID \d+ on node \S+ exited on signal 9/);
  const killedAt = lines();
  expect(killedAt).toBeLessThan(steps);
  differences["2 processes, one killed, then 3"] = farthestLoss(one, await trained(3, "killed", "--resume"));

  keepResult("parallel", { steps, killedAt, largestDifferenceOfLosses: differences });
  for (const [run, difference] of Object.entries(differences)) expect([run, difference < 1e-5]).toEqual([run, true]);
});
