// A sweep on a real Slurm: every task runs, alone and as two processes; what was cut short goes on; one table of all.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changes, metricsOf } from "../kernel/parallel/trained";
import { Cluster } from "./cluster";
import { keepResult } from "./results";

const root = fileURLToPath(new URL("../..", import.meta.url));
const steps = 6;
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(() => cluster?.stop());

const bestrq = async (...args: string[]) =>
  (await promisify(execFile)(process.execPath, [join(root, "kernel/dist/cli.js"), ...args])).stdout;

/** A recipe that takes no time, in a file whose name is hard to quote. */
function recipe(): string {
  const path = join(cluster.folder, `it's "small" $HOME.json`);
  const groups: Record<string, object> = {};
  for (const [name, value] of Object.entries(changes)) {
    const [group, field] = name.split(".");
    groups[group] = field ? { ...groups[group], [field]: value } : (value as unknown as object);
  }
  writeFileSync(path, JSON.stringify({ ...groups, steps }));
  return path;
}

const sweep = async (name: string, ...more: string[]) => {
  const folder = join(cluster.folder, name);
  const given = ["--sizes", "tiny", "--audio", join(root, "data/speech"), "--recipe", recipe(), "--time", "30"];
  await bestrq("sweep", folder, ...given, ...more);
  return { folder, script: join(folder, "sweep.sh") };
};
const logsOf = (folder: string) =>
  readdirSync(join(folder, "logs")).map((name) => readFileSync(join(folder, "logs", name), "utf8")).join("\n"); // biome-ignore format: one line

test("Slurm runs a sweep, goes on with what was cut short, and its results become one table", async () => {
  const began = Date.now();
  const { folder, script } = await sweep(
    'it\'s a "sweep" $x',
    "--mixers",
    "summarymixing",
    "mhsa",
    "--seeds",
    "1",
    "2",
  );
  const job = (await cluster.command("sbatch", "--parsable", script)).split(";")[0];
  const first = join(folder, "runs/summarymixing-tiny-1/metrics.jsonl");
  while (!existsSync(first) || readFileSync(first, "utf8").split("\n").length < 3) await wait(200);
  await cluster.command("scancel", "--signal=KILL", "--full", job); // as a machine that fails
  while (await cluster.command("squeue", "--noheader")) await wait(1000);
  const cut = metricsOf(join(folder, "runs/summarymixing-tiny-1")).length;
  expect(cut).toBeLessThan(steps);
  await cluster.run(script);
  const told = (await bestrq("sweep", "gather", folder, "--json")).trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one line
  expect({ told: told.map(({ run, step }) => [run, step]), logs: logsOf(folder) }).toMatchObject({
    told: ["mhsa-tiny-1", "mhsa-tiny-2", "summarymixing-tiny-1", "summarymixing-tiny-2"].map((run) => [run, steps]),
  });
  expect(told.every(({ finished, loss }) => finished && loss > 0)).toBe(true);
  expect(readFileSync(join(folder, "results.md"), "utf8")).toContain("| mhsa | tiny | 2 | 2 |");
  const slurm = await cluster.command("sbatch", "--version");
  keepResult("slurm", { slurm, tasks: 4, cutAtStep: cut, steps, seconds: (Date.now() - began) / 1000, runs: told });
});

test("each task may be several processes", async () => {
  const { folder, script } = await sweep("two", "--mixers", "summarymixing", "--seeds", "1", "--ntasks", "2");
  await cluster.run(script);
  const told = JSON.parse(await bestrq("sweep", "gather", folder, "--json"));
  expect({ step: told.step, logs: logsOf(folder) }).toMatchObject({ step: steps });
  rmSync(folder, { recursive: true });
});
