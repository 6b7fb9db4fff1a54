// The arguments of `bestrq sweep`, checked before anything is written.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type MixerName, mixerNames, type Size, sizes } from "../bestrq";
import { repeated } from "../commandLine";
import { parseTrain } from "../train";

/** What each task of the array gets from Slurm; what is left out, the cluster's own rules decide. */
export interface Resources {
  /** `D-HH:MM:SS`, or minutes. */
  readonly time?: string;
  readonly partition?: string;
  readonly account?: string;
  /** Cores of each process. */
  readonly cpus?: string;
  /** GPUs of each task. */
  readonly gpus?: string;
  /** Of each machine: `32G`. */
  readonly mem?: string;
  /** Processes of each task, by MPI (default 1). */
  readonly ntasks: number;
  /** How many tasks run at once at most. */
  readonly atOnce?: string;
}

/** One run of the sweep. */
export interface Task {
  readonly mixer: MixerName;
  readonly size: Size;
  readonly seed: number;
  /** Its folder in `runs/`. */
  readonly name: string;
}

/** A whole sweep. */
export interface Sweep {
  /** Full path of its folder. */
  readonly folder: string;
  readonly tasks: readonly Task[];
  /** What every run gets, as `bestrq train` takes it: paths in full. */
  readonly shared: readonly string[];
  readonly resources: Resources;
}

const flags = {
  mixers: { type: "string", multiple: true },
  sizes: { type: "string", multiple: true },
  seeds: { type: "string", multiple: true },
  audio: { type: "string" },
  validation: { type: "string" },
  recipe: { type: "string" },
  time: { type: "string" },
  partition: { type: "string" },
  account: { type: "string" },
  cpus: { type: "string" },
  gpus: { type: "string" },
  mem: { type: "string" },
  ntasks: { type: "string", default: "1" },
  "at-once": { type: "string" },
} as const;
const paths = ["audio", "validation", "recipe"] as const;

/** What each resource may be. Slurm itself knows the rest: partitions, limits. */
const rules: Record<string, readonly [pattern: RegExp, must: string]> = {
  time: [/^(\d+|\d+:\d{2}(:\d{2})?|\d+-\d{1,2}(:\d{2}(:\d{2})?)?)$/, "minutes, HH:MM:SS or D-HH:MM:SS"],
  partition: [/^[\w.,-]+$/, "a name of Slurm's"],
  account: [/^[\w.@-]+$/, "a name of Slurm's"],
  cpus: [/^[1-9]\d*$/, "a whole number from 1"],
  gpus: [/^([\w.-]+:)?[1-9]\d*$/, "a number from 1, or TYPE:NUMBER"],
  mem: [/^[1-9]\d*[KMGT]?$/, "megabytes, or a number with K, M, G or T"],
  ntasks: [/^[1-9]\d*$/, "a whole number from 1"],
  "at-once": [/^[1-9]\d*$/, "a whole number from 1"],
};

/**
 * Reads the command line: `DIR --mixers mhsa mamba --sizes tiny --seeds 1 2 3 --audio DIR`, resources, and after `--` what
 * else `bestrq train` is to get.
 *
 * @throws RangeError naming what is missing or wrong, also where `bestrq train` would refuse a task
 */
export function parseSweep(args: readonly string[]): Sweep {
  const end = args.indexOf("--");
  const [own, passed] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  const { values, positionals } = parseArgs({ args: repeated(own, flags), options: flags, allowPositionals: true });
  const [folder, ...others] = positionals;
  if (!folder || others.length > 0) throw wrong("the folder", "one path", positionals.join(" ") || "none");
  const mixers = listed("mixers", values.mixers ?? mixerNames, mixerNames);
  const sizesGiven = listed("sizes", values.sizes ?? ["base"], sizes);
  const seeds = distinct("seeds", values.seeds ?? ["1", "2", "3"]);
  const notNumber = seeds.find((seed) => !/^(0|[1-9]\d{0,14})$/.test(seed));
  if (notNumber !== undefined) throw wrong("seeds", "whole numbers from 0", notNumber);
  for (const [name, [pattern, must]] of Object.entries(rules)) {
    const value = values[name as keyof typeof rules & keyof typeof values];
    if (value !== undefined && !pattern.test(String(value))) throw wrong(name, must, String(value));
  }
  const given = paths.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, resolve(values[name])]));
  const shared = [...given, ...passed];
  const tasks = sizesGiven.flatMap((size) =>
    mixers.flatMap((mixer) =>
      seeds.map(Number).map((seed) => ({ mixer, size, seed, name: nameOf({ mixer, size, seed }) })),
    ),
  );
  for (const task of tasks) {
    const { recipe } = parseTrain([...taskArguments(task), ...shared, "--out", task.name]); // refuses what is wrong
    const name = nameOf(recipe);
    if (name !== task.name) {
      throw wrong("what stands after --", "other than mixer, size and seed", `${task.name} as ${name}`);
    }
  }
  const { time, partition, account, cpus, gpus, mem } = values;
  return {
    folder: resolve(folder),
    tasks,
    shared,
    resources: { time, partition, account, cpus, gpus, mem, ntasks: Number(values.ntasks), atOnce: values["at-once"] },
  };
}

const nameOf = ({ mixer, size, seed }: { mixer: string; size: string; seed: number }) => `${mixer}-${size}-${seed}`;

/** What a task differs by. */
const taskArguments = ({ mixer, size, seed }: Task): string[] => [
  ...["--mixer", mixer, "--size", size],
  ...["--seed", String(seed)],
];

function listed<T extends string>(name: string, given: readonly string[], allowed: readonly T[]): T[] {
  const unknown = given.find((value) => !allowed.includes(value as T));
  if (unknown !== undefined) throw wrong(name, `some of ${allowed.join(", ")}`, unknown);
  return distinct(name, given) as T[];
}

function distinct(name: string, given: readonly string[]): string[] {
  const twice = given.find((value, index) => given.indexOf(value) < index);
  if (twice !== undefined) throw wrong(name, "different from one another", `${twice} twice`);
  return [...given];
}

const wrong = (name: string, rule: string, value: string) =>
  new RangeError(`Cannot make a sweep: ${name} must be ${rule}, got ${value}`);
