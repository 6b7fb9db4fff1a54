// The arguments of `bestrq bench efficiency`, checked.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type MixerName, mixerNames, type Size, sizes } from "../../bestrq";
import { repeated } from "../../commandLine";
import type { BackendName } from "../../tensor";
import type { Protocol } from "./measure";
import type { Choice, EfficiencyWork } from "./points";

/** What to measure, and how; by default the paper's protocol. */
export interface EfficiencyOptions {
  /** Default: all five. */
  readonly mixers?: readonly MixerName[];
  /** Default: `base` and `large`. */
  readonly sizes?: readonly Size[];
  /** Default: both. */
  readonly works?: readonly EfficiencyWork[];
  /** Lengths of both works (default: 10 to 80 in steps of 10). */
  readonly seconds?: readonly number[];
  /** Longer inputs, of inference alone (default: 160, 320, 600). */
  readonly beyond?: readonly number[];
  /** Lengths that are planned and not measured (default: 3600). */
  readonly planned?: readonly number[];
  /** Utterances at once in training mode (default: 6). */
  readonly batch?: number;
  /** Timed runs of each point, after one that is not counted (default: 10). */
  readonly runs?: number;
  /** Seconds after which three runs of a point are enough (default: no limit). */
  readonly limit?: number;
  /** Default: `auto`. */
  readonly backend?: BackendName;
  /** Threads that one op may use (default: one for each core). */
  readonly threads?: number;
  /** File of results: what it holds is not measured again (default: this machine's, in a checkout); `none`: no file. */
  readonly out?: string;
  /** Measures anew what the file holds already (default false). */
  readonly again?: boolean;
}

export type EfficiencySettings = Choice & Protocol & { readonly out?: string; readonly again: boolean };

/** Fills in the defaults. @throws RangeError naming what may be given, where something else is */
export function settingsOf(given: EfficiencyOptions): EfficiencySettings {
  const settings: EfficiencySettings = {
    mixers: given.mixers ?? mixerNames,
    sizes: given.sizes ?? ["base", "large"],
    works: given.works ?? works,
    seconds: given.seconds ?? [10, 20, 30, 40, 50, 60, 70, 80],
    beyond: given.beyond ?? [160, 320, 600],
    planned: given.planned ?? [3600],
    batch: given.batch ?? 6,
    runs: given.runs ?? 10,
    limit: given.limit ?? Number.POSITIVE_INFINITY,
    backend: given.backend ?? "auto",
    threads: given.threads ?? (Number(process.env.BESTRQ_THREADS) || availableParallelism()),
    again: given.again ?? false,
    ...(given.out === undefined ? {} : { out: given.out }),
  };
  for (const mixer of settings.mixers) oneOf("mixers", mixer, mixerNames);
  for (const size of settings.sizes) oneOf("sizes", size, sizes);
  for (const work of settings.works) oneOf("works", work, works);
  for (const name of ["seconds", "beyond", "planned"] as const) {
    for (const length of settings[name]) {
      if (!(length >= 0.1 && Number.isFinite(length))) throw wrong(name, "lengths from 0.1 s", length);
    }
  }
  for (const name of ["batch", "runs", "threads"] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1) throw wrong(name, "a whole number from 1", settings[name]); // biome-ignore format: one line
  }
  if (!(settings.limit > 0)) throw wrong("limit", "a number of seconds above 0", settings.limit);
  return settings;
}

const works: readonly EfficiencyWork[] = ["training forward", "inference"];

const wrong = (name: string, rule: string, value: unknown) =>
  new RangeError(`Cannot bench: ${name} must be ${rule}, got ${value}`);

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw wrong(name, `one of ${allowed.join(", ")}`, `"${value}"`);
}

const list = { type: "string", multiple: true } as const;
const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const flags = {
  ...{ mixers: list, sizes: list, works: list, seconds: list, beyond: list, planned: list },
  ...{ batch: text, runs: text, limit: text, backend: text, threads: text, out: text },
  ...{ again: flag, report: flag, json: flag },
} as const;

/** What the command line asks for. */
export interface EfficiencyArguments {
  readonly settings: EfficiencySettings;
  /** Tells what was measured before, and measures nothing. */
  readonly report: boolean;
  readonly json: boolean;
}

/** Reads the command line: `--mixers mhsa mamba --seconds 10 20 --limit 30`. A list may be empty: `--beyond none`. */
export function parseEfficiency(args: readonly string[]): EfficiencyArguments {
  const { values } = parseArgs({ args: repeated(args, flags), options: flags });
  const numbers = (name: "seconds" | "beyond" | "planned") =>
    values[name]?.flatMap((value) => (value === "none" ? [] : [numberOf(name, value)]));
  const number = (name: "batch" | "runs" | "limit" | "threads") =>
    values[name] === undefined ? undefined : numberOf(name, values[name]);
  const { mixers, sizes, works: given, backend, out, again, report, json } = values;
  const settings = settingsOf({
    mixers: mixers as MixerName[] | undefined,
    sizes: sizes as Size[] | undefined,
    works: given?.map((work) => (work === "training" ? "training forward" : work)) as EfficiencyWork[] | undefined,
    seconds: numbers("seconds"),
    beyond: numbers("beyond"),
    planned: numbers("planned"),
    batch: number("batch"),
    runs: number("runs"),
    limit: number("limit"),
    threads: number("threads"),
    backend: backend as BackendName | undefined,
    out,
    again,
  });
  return { settings, report, json };
}

function numberOf(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() === "" || Number.isNaN(number)) throw wrong(name, "a number", `"${value}"`);
  return number;
}
