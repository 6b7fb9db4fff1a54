// `bestrq sweep`: the script, what is refused, and what its runs came to. Slurm itself: test/long/slurm.long.ts.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSweep } from "bestrq/sweep";
import { gather, overSeeds } from "bestrq/sweep/gather";
import { parseSweep } from "bestrq/sweep/options";
import { bashWord, slurmWord } from "bestrq/sweep/quote";
import { scriptText, tasksText } from "bestrq/sweep/script";
import { Recipe } from "bestrq/train";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq-sweep-"));
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const few = ["--mixers", "mhsa", "mamba", "--sizes", "tiny", "--seeds", "1", "20", "--audio", "/a speech's/folder"];
const resources = ["--time", "1-12:00:00", "--partition", "gpu", "--cpus", "8", "--gpus", "a100:2", "--mem", "64G"];

test("the script, whole", () => {
  const sweep = parseSweep([
    "/my sweep",
    ...few,
    ...resources,
    "--ntasks",
    "4",
    "--at-once",
    "3",
    "--",
    "--steps",
    "9",
  ]);
  expect(tasksText(sweep)).toBe("mhsa tiny 1\nmhsa tiny 20\nmamba tiny 1\nmamba tiny 20\n");
  expect(scriptText(sweep, ["/usr/bin/node", "/opt/best rq/cli.js"])).toBe(`#!/bin/bash
# A sweep of pre-training runs, made by bestrq sweep. Line n of tasks.txt is task n: mixer, size, seed.
#SBATCH --job-name=bestrq
#SBATCH --chdir="/my sweep"
#SBATCH --output=logs/%a.txt
#SBATCH --open-mode=append
#SBATCH --array=1-4%3
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=8
#SBATCH --gpus=a100:2
#SBATCH --mem=64G
#SBATCH --time=1-12:00:00
#SBATCH --partition=gpu
#SBATCH --signal=B:TERM@60
set -euo pipefail

read -r mixer size seed < <(sed -n "\${SLURM_ARRAY_TASK_ID}p" tasks.txt)
run="runs/$mixer-$size-$seed"
resume=()
if [ -e "$run" ]; then resume=(--resume); fi

# A run that is told to end, a minute before its time is over, saves where it is.
exec mpirun --mca odls_base_sigkill_timeout 50 -n 4 /usr/bin/node '/opt/best rq/cli.js' train \\
  --mixer "$mixer" --size "$size" --seed "$seed" \\
  --audio '/a speech'\\''s/folder' --steps 9 --out "$run" "\${resume[@]}"
`);
});

test("each task of the script is the training that its line names, begun once and then resumed", () => {
  const arguments_ = join(folder, 'it\'s "given" $HOME.txt');
  const tell = 'require("fs").appendFileSync(process.argv[1], JSON.stringify(process.argv.slice(2)) + "\\n")';
  const sweep = parseSweep([folder, ...few]);
  const script = scriptText(sweep, [process.execPath, "-e", tell, arguments_]).replace(/^read/m, `cd ${folder}\nread`);
  writeFileSync(join(folder, "tasks.txt"), tasksText(sweep));
  const run = (task: number) =>
    execFileSync("bash", ["-s"], { input: script, env: { ...process.env, SLURM_ARRAY_TASK_ID: String(task) } });
  run(2);
  mkdirSync(join(folder, "runs/mamba-tiny-1"), { recursive: true });
  run(3);
  const told = readFileSync(arguments_, "utf8").trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one line
  const task = (mixer: string, seed: string) =>
    ["train", "--mixer", mixer, "--size", "tiny", "--seed", seed, "--audio", "/a speech's/folder"].concat("--out");
  expect(told).toEqual([
    [...task("mhsa", "20"), "runs/mhsa-tiny-20"],
    [...task("mamba", "1"), "runs/mamba-tiny-1", "--resume"],
  ]);
});

test("words come through Bash as they are", () => {
  const words = ["plain", "", "two words", "it's", '"quoted"', "$HOME `ls` \\ !", "a\nb", "*", "ä"];
  const line = words.map(bashWord).join(" ");
  const said = execFileSync("bash", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  expect(said.split("\0").slice(0, -1)).toEqual(words);
  expect(slurmWord('a "b" \\')).toBe('"a \\"b\\" \\\\"');
  expect(() => slurmWord("a\nb")).toThrow("no line breaks");
});

test.each([
  [["--mixers", "mhsb"], "mixers must be some of mhsa, hypermixing, fastformer, summarymixing, mamba, got mhsb"],
  [["--sizes", "huge"], "sizes must be some of tiny, base, large, got huge"],
  [["--seeds", "1", "-2"], "ambiguous"],
  [["--seeds", "1.5"], "seeds must be whole numbers from 0, got 1.5"],
  [["--seeds", "3", "3"], "seeds must be different from one another, got 3 twice"],
  [["--time", "soon"], "time must be minutes, HH:MM:SS or D-HH:MM:SS, got soon"],
  [["--mem", "lots"], "mem must be megabytes, or a number with K, M, G or T, got lots"],
  [["--partition", "gpu; rm"], "partition must be a name of Slurm's, got gpu; rm"],
  [["--ntasks", "0"], "ntasks must be a whole number from 1, got 0"],
  [["second"], "the folder must be one path, got"],
  [
    ["--", "--mixer", "mamba"],
    "what stands after -- must be other than mixer, size and seed, got mhsa-base-1 as mamba-base-1",
  ],
  [
    ["--", "--set", "seed=9"],
    "what stands after -- must be other than mixer, size and seed, got mhsa-base-1 as mhsa-base-9",
  ],
  [["--", "--steps", "0"], "steps must be a whole number from 1, got 0"],
])("%j is refused, as is what bestrq train would refuse", (given, reason) => {
  expect(() => parseSweep([folder, "--audio", "/speech", ...given])).toThrow(reason);
});

test("a sweep is written once, and never over anything", async () => {
  await runSweep([folder, ...few]);
  expect(existsSync(join(folder, "logs"))).toBe(true);
  const written = readFileSync(join(folder, "sweep.sh"), "utf8");
  await expect(runSweep([folder, ...few])).rejects.toThrow(
    /^Cannot write a sweep to .*must be empty or new, and it holds/,
  );
  expect(readFileSync(join(folder, "sweep.sh"), "utf8")).toBe(written);
});

test("gather puts runs into one table, unfinished and broken ones too", async () => {
  expect(() => gather(folder)).toThrow("Cannot gather results: no run is in");
  const made = (seed: number, losses: number[]) => {
    const run = join(folder, "runs", `mhsa-tiny-${seed}`);
    mkdirSync(run, { recursive: true });
    const recipe = { ...new Recipe({ mixer: "mhsa", size: "tiny", seed, steps: 20 }) };
    writeFileSync(join(run, "recipe.json"), JSON.stringify({ recipe, speech: "" }));
    const line = (loss: number, index: number) => {
      const validated = index % 5 === 4 ? { validationLoss: loss + 1 } : {};
      return JSON.stringify({ step: index + 1, loss, accuracy: 0.25, codesGuessed: 0.5, seconds: 360, ...validated });
    };
    writeFileSync(join(run, "metrics.jsonl"), `${losses.map(line).join("\n")}\n{"step":`);
  };
  const falling = (from: number, count: number) => Array.from({ length: count }, (_, index) => from - index / 10);
  made(10, falling(6, 20));
  made(9, falling(5, 5));
  mkdirSync(join(folder, "runs/mhsa-tiny-11"));
  writeFileSync(join(folder, "runs/mhsa-tiny-11/recipe.json"), "{");
  const [nine, ten, broken] = gather(folder);
  expect(nine).toMatchObject({
    run: "mhsa-tiny-9",
    seed: 9,
    step: 5,
    steps: 20,
    finished: false,
    loss: 4.6,
    hours: 0.5,
  });
  expect(ten).toMatchObject({ run: "mhsa-tiny-10", step: 20, finished: true, accuracy: 0.25, codesGuessed: 0.5 });
  expect(ten.loss).toBeCloseTo(4.15, 12); // of the last two steps
  expect(ten.validationLoss).toBeCloseTo(5.1, 12);
  expect(broken.fault).toContain("JSON");
  const [means] = overSeeds([nine, ten, broken]);
  expect(means).toMatchObject({ mixer: "mhsa", size: "tiny", seeds: 2, finished: 1 });
  expect(means.loss).toBeCloseTo(4.375, 12);
  expect(means.lossDeviation).toBeCloseTo(0.45 / Math.SQRT2, 12);
  await runSweep(["gather", folder]);
  expect(readFileSync(join(folder, "results.md"), "utf8")).toContain("| mhsa | tiny | 2 | 1 | 4.375 |");
  expect(JSON.parse(readFileSync(join(folder, "results.json"), "utf8")).runs).toHaveLength(3);
  expect(existsSync(join(folder, "results.arrow"))).toBe(true);
});
