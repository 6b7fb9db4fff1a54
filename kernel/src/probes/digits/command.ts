// `bestrq probe`, as a shell starts it.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { resultsFolder } from "../../bench";
import { type MixerName, mixerNames } from "../../bestrq";
import { repeated } from "../../commandLine";
import { displaySymbol } from "../../figures";
import { type BackendName, backend } from "../../tensor";
import { digitTable } from "./report";
import { readDigits } from "./results";
import { digits, type TellTrial } from "./study";

const flags = {
  mixers: { type: "string", multiple: true },
  seeds: { type: "string", multiple: true },
  steps: { type: "string" },
  backend: { type: "string", default: "auto" },
  out: { type: "string" },
  report: { type: "boolean", default: false },
} as const;

/**
 * Pre-trains and probes what the file of results lacks, and prints the table; with `--report`, prints it alone.
 *
 * @throws Error naming what may be given, where something else is
 */
export async function runProbe(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: repeated(args, flags),
    options: flags,
    allowPositionals: true,
  });
  const { out = join(resultsFolder() ?? ".", "probes-fsdd.json"), report } = values;
  if (positionals.length !== (report ? 0 : 1))
    throw new Error("Cannot probe: name one folder of recordings of the Free Spoken Digit Dataset, or --report alone");
  if (report) return print(readDigits(out), "text/markdown");
  await backend.use(values.backend as BackendName);
  const given = {
    mixers: values.mixers?.map(mixerOf),
    seeds: values.seeds?.map((seed) => whole("seeds", seed, 1)),
    ...(values.steps === undefined ? {} : { steps: whole("steps", values.steps, 1) }),
  };
  print(await digits(positionals[0], { ...given, out, tell: told() }), "text/plain");
}

function print(results: Parameters<typeof digitTable>[0], type: string): void {
  const bundle = digitTable(results)[displaySymbol]() as Record<string, string>;
  console.log(bundle[type]);
}

function mixerOf(name: string): MixerName {
  if (mixerNames.includes(name as MixerName)) return name as MixerName;
  throw new RangeError(`Cannot probe: --mixers must be some of ${mixerNames.join(", ")}, got ${name}`);
}

function whole(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`Cannot probe: --${flag} must be whole numbers from ${least}, got ${text}`);
}

/** A line on stderr, every few seconds where nobody watches it. */
function told(): TellTrial {
  let due = 0;
  return (what, done, trials, share) => {
    if (performance.now() < due) return;
    due = performance.now() + (process.stderr.isTTY ? 500 : 30_000);
    const line = `[${done + 1}/${trials}] ${what}, ${Math.round(100 * share)} %`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  };
}
