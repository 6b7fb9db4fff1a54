// `bestrq plan`, as a shell starts it.
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { type MixerName, mixerNames, type Size } from "../bestrq";
import { repeated } from "../commandLine";
import { bytes } from "../figures";
import { type Plan, plan } from "../profile";
import { printedTable } from "./tables";

const flags = {
  mixers: { type: "string", multiple: true },
  size: { type: "string", default: "base" },
  seconds: { type: "string", multiple: true },
  batch: { type: "string", default: "1" },
  train: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/**
 * Prints the plans that the arguments ask for, short inputs first: a table, or a line of JSON each.
 *
 * @throws RangeError naming what may be given, where something else is
 */
export function runPlan(args: readonly string[]): void {
  const { values } = parseArgs({ args: repeated(args, flags), options: flags });
  setFlagsFromString("--heap-growing-percent=30"); // rather collect garbage than take twice the memory for an hour of attention
  const { mixers = mixerNames, seconds = ["10", "40", "80"], size, train, json } = values;
  const batch = numberOf("batch", values.batch);
  const lengths = seconds.map((length) => numberOf("seconds", length));
  const rows: ReturnType<Plan["toJSON"]>[] = []; // without their traces, which would fill memory
  for (const length of lengths) {
    for (const mixer of mixers) {
      const planned = plan({ mixer: mixer as MixerName, size: size as Size }, { seconds: length, batch, train });
      rows.push(planned.toJSON());
      if (json) console.log(JSON.stringify(planned));
    }
  }
  if (!json) console.log(printed(rows.map((row) => ({ ...row, batch }))));
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new RangeError(`Cannot plan: ${name} must be a number, got "${text}"`);
  }
  return value;
}

/** One line a plan. */
function printed(rows: readonly object[]): string {
  const count = (divisor: number, unit: string) => (value: unknown) =>
    `${(Number(value) / divisor).toLocaleString("en", { maximumSignificantDigits: 4 })} ${unit}`;
  const columns = [
    "mixer",
    "batch",
    { key: "seconds", format: (seconds: unknown) => `${seconds} s` },
    { key: "parameters", format: count(1e6, "M") },
    { key: "flops", label: "work", format: count(1e12, "TFLOP") },
    { key: "peak_bytes", label: "peak memory", format: (value: unknown) => bytes(Number(value)) },
  ];
  return printedTable(rows, columns);
}
