// The arguments of `bestrq bench`, checked. Errors name what may be given.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type MixerName, mixerNames, type Size, sizes } from "../bestrq";
import { repeated } from "../commandLine";
import type { BackendName } from "../tensor";
import type { Case, Work } from "./work";

/** What to measure, and how. */
export interface BenchOptions {
  /** Default: all five. */
  readonly mixers?: readonly MixerName[];
  /** Default: `base`. */
  readonly size?: Size;
  /** Lengths of the input (default: 10, 40, 80). */
  readonly seconds?: readonly number[];
  /** Utterances at once (default: 1). */
  readonly batch?: number;
  /** Default: `auto`. */
  readonly backend?: BackendName;
  /** Threads that one op may use (default: one for each core). */
  readonly threads?: number;
  /** Timed passes in each process, after one that is not counted (default: 3). */
  readonly repeat?: number;
  /** Command of another program that does the same work, to take turns with: `python3 baseline.py`. */
  readonly peer?: string;
  /** Processes that measure each case (default: 1; beside a peer 2 of each, in turns). */
  readonly rounds?: number;
}

/** {@link BenchOptions} with every default filled in. */
export type Settings = Required<BenchOptions>;

const counts = ["batch", "threads", "repeat", "rounds"] as const;

/** Fills in the defaults. @throws RangeError naming what may be given, where something else is */
export function settingsOf(given: BenchOptions): Settings {
  const settings: Settings = {
    mixers: given.mixers ?? mixerNames,
    size: given.size ?? "base",
    seconds: given.seconds ?? [10, 40, 80],
    batch: given.batch ?? 1,
    backend: given.backend ?? "auto",
    threads: given.threads ?? (Number(process.env.BESTRQ_THREADS) || availableParallelism()),
    repeat: given.repeat ?? 3,
    peer: given.peer ?? "",
    rounds: given.rounds ?? (given.peer ? 2 : 1),
  };
  for (const mixer of settings.mixers) oneOf("mixers", mixer, mixerNames);
  oneOf("size", settings.size, sizes);
  for (const seconds of settings.seconds) {
    if (!(seconds >= 0.04 && Number.isFinite(seconds))) throw wrong("seconds", "lengths from 0.04 s", seconds);
  }
  for (const name of counts) {
    const value = settings[name];
    if (!Number.isInteger(value) || value < 1) throw wrong(name, "a whole number from 1", value);
  }
  return settings;
}

/** All combinations, short inputs first. */
export const casesOf = (work: Work, { mixers, size, seconds, batch }: Settings): Case[] =>
  seconds.flatMap((length) => mixers.map((mixer) => ({ work, mixer, size, seconds: length, batch })));

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw wrong(name, `one of ${allowed.join(", ")}`, `"${value}"`);
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw wrong(name, "a number", `"${text}"`);
  return value;
}

const wrong = (name: string, rule: string, value: unknown) =>
  new RangeError(`Cannot bench: ${name} must be ${rule}, got ${value}`);

const flags = {
  mixers: { type: "string", multiple: true },
  size: { type: "string" },
  seconds: { type: "string", multiple: true },
  batch: { type: "string" },
  backend: { type: "string" },
  threads: { type: "string" },
  repeat: { type: "string" },
  peer: { type: "string" },
  rounds: { type: "string" },
  out: { type: "string" },
  profile: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

const subjects = ["forward", "train", "standard", "matmul", "report"] as const;

/** What the command line asks for. */
export interface Arguments {
  /** The work; `standard`: the set of `npm run bench`; `matmul`: the machine's limit; `report`: what was measured before. */
  readonly what: (typeof subjects)[number];
  readonly settings: Settings;
  /** Where the time goes, instead of how much it is. */
  readonly profile: boolean;
  readonly json: boolean;
  /** File of results, or `none`. */
  readonly out?: string;
}

/** Reads the command line: `forward --mixers mhsa mamba --seconds 10 40`. @throws RangeError as {@link settingsOf} */
export function parseBench(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({ args: repeated(args, flags), options: flags, allowPositionals: true });
  const [what = "forward", ...others] = positionals;
  if (!subjects.includes(what as Arguments["what"]) || others.length > 0) {
    throw wrong("what to measure", `one of ${subjects.join(", ")}`, `"${positionals.join(" ")}"`);
  }
  const given = counts.filter((name) => values[name] !== undefined);
  const settings = settingsOf({
    mixers: values.mixers as MixerName[] | undefined,
    size: values.size as Size | undefined,
    seconds: values.seconds?.map((text) => numberOf("seconds", text)),
    backend: values.backend as BackendName | undefined,
    peer: values.peer,
    ...Object.fromEntries(given.map((name) => [name, numberOf(name, values[name] as string)])),
  });
  const { profile, json, out } = values;
  return { what: what as Arguments["what"], settings, profile, json, ...(out === undefined ? {} : { out }) };
}
