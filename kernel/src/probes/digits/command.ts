// `bestrq probe`, as a shell starts it.
import { parseArgs } from "node:util";
import { type MixerName, mixerNames, type Size, sizes } from "../../bestrq";
import { displaySymbol, duration } from "../../figures";
import { type BackendName, backend } from "../../tensor";
import { digitTable } from "./report";
import { readDigits } from "./results";
import type { DigitSettings } from "./settings";
import { digits, type TellTrial } from "./study";

const list = { type: "string", multiple: true } as const;
const text = { type: "string" } as const;
const flags = {
  ...{ mixers: list, seeds: list, size: text, steps: text, "learning-rate": text, seconds: text, batch: text },
  ...{ mask: text, backend: text, out: text, report: { type: "boolean", default: false } as const },
} as const;

/** Pre-trains and probes what is missing, and prints the table. */
export async function runProbe(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: repeated(args), options: flags, allowPositionals: true });
  const { out = "out/probes-fsdd.json", report } = values;
  if (!report && positionals.length !== 1)
    throw new Error("Cannot probe: name the folder of recordings of the Free Spoken Digit Dataset, and it alone");
  if (!report) await backend.use((values.backend ?? "auto") as BackendName);
  const results = report ? readDigits(out) : await digits(positionals[0], { ...settingsOf(values), out, tell: told() });
  const bundle = digitTable(results)[displaySymbol]() as Record<string, string>;
  console.log(bundle[report ? "text/markdown" : "text/plain"]);
}

type Values = Record<string, string | string[] | boolean | undefined>;

function settingsOf(values: Values): Partial<DigitSettings> {
  const one = (name: string, value: string, allowed: readonly string[]) => {
    if (!allowed.includes(value)) throw wrong(name, `one of ${allowed.join(", ")}`, value);
    return value;
  };
  const number = (name: string, value: unknown, least: number) => {
    if (!(Number(value) >= least && Number.isFinite(Number(value)))) throw wrong(name, `a number from ${least}`, value);
    return Number(value);
  };
  const settings = {
    mixers: (values.mixers as string[])?.map((mixer) => one("mixers", mixer, mixerNames) as MixerName),
    seeds: (values.seeds as string[])?.map((seed) => number("seeds", seed, 0)),
    size: values.size && (one("size", String(values.size), sizes) as Size),
    steps: values.steps && number("steps", values.steps, 1),
    learningRate: values["learning-rate"] && number("learning-rate", values["learning-rate"], 0),
    seconds: values.seconds && number("seconds", values.seconds, 0),
    batchSize: values.batch && number("batch", values.batch, 1),
    maskProbability: values.mask && number("mask", values.mask, 0),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const wrong = (name: string, rule: string, value: unknown) =>
  new RangeError(`Cannot probe: --${name} must be ${rule}, got ${value}`);

/** `--seeds 1 2` → `--seeds 1 --seeds 2`: parseArgs takes one value at a time. */
function repeated(args: readonly string[]): string[] {
  let name: string | undefined;
  return args.flatMap((arg) => {
    if (!arg.startsWith("--")) return name ? [name, arg] : [arg];
    name = ["--mixers", "--seeds"].find((each) => each === arg);
    return name ? [] : [arg];
  });
}

/** A line on stderr every few seconds. */
function told(): TellTrial {
  const began = performance.now();
  let [first, due] = [-1, 0];
  return (what, trial, trials, share) => {
    if (first < 0) first = trial;
    const now = performance.now();
    if (now < due) return;
    due = now + (process.stderr.isTTY ? 500 : 30_000);
    const passed = trial - first + share;
    const left =
      passed > 0.05 ? `, about ${duration((((now - began) / 1000) * (trials - trial - share)) / passed)} left` : "";
    const line = `[${trial + 1}/${trials}] ${what}, ${Math.round(100 * share)} %${left}`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
}
