// `bestrq bench ledger`: what the ledger costs, and whether the system agrees with its peak.
import { bytes } from "../../figures";
import { parseBench } from "../options";
import { printedTable } from "../tables";
import { ledgerCost, ledgerResidence } from "./run";
import type { Cost, Pass, Residence } from "./task";

/** Where nothing else is given. */
const defaults = { "--mixers": ["summarymixing", "mhsa", "mamba"], "--seconds": ["80"], "--repeat": ["9"] };

const explanation = `The ledger counts the values of tensors. The system also counts what a kernel uses inside itself, and pieces that the
allocator keeps. "system": each large tensor is a mapping of its own, given back when it is released, so that little but
the kernels' own is left between the two; all else is as users run it. "pool": TensorFlow's allocator keeps what is released, cut into pieces that do
not fit whatever comes later, so that the resident set goes on growing after the ledger's peak, and never shrinks.`;

/** Measures and prints, with the arguments of `bestrq bench forward`. */
export async function runLedgerBench(args: readonly string[]): Promise<void> {
  const missing = Object.entries(defaults).filter(([name]) => !args.includes(name));
  const { settings, json } = parseBench(["forward", ...args, ...missing.flat(2)]);
  const { mixers, size, seconds, backend, repeat } = settings;
  const [costs, residences]: [Cost[], Residence[]] = [[], []];
  const tell = <Told>(told: Told) => {
    if (json) console.log(JSON.stringify(told));
    return told;
  };
  for (const mixer of mixers) {
    for (const length of seconds) {
      const pass: Pass = { mixer, size, seconds: length, backend };
      costs.push(tell(await ledgerCost(pass, repeat)));
      for (const allocator of ["system", "pool"] as const)
        residences.push(tell(await ledgerResidence(pass, allocator)));
    }
  }
  if (!json) console.log([costTable(costs), residenceTable(residences), explanation].join("\n\n"));
}

const percent = (value: unknown) => `${(100 * Number(value)).toFixed(1)} %`;
const more = (ratio: unknown) => percent(Number(ratio) - 1);
const seconds = (value: unknown) => Number(value).toFixed(3);
const size = (value: unknown) => bytes(Number(value));

const costTable = (costs: readonly Cost[]) =>
  printedTable(costs, [
    "mixer",
    { key: "seconds", label: "input (s)" },
    "events",
    { key: "off_s", label: "without (s)", format: seconds },
    { key: "on_s", label: "with ledger (s)", format: seconds },
    { key: "first_s", label: "first time (s)", format: seconds },
    { key: "ratio", label: "costs", format: more },
    { key: "interval", label: "95 % interval", format: (interval) => (interval as number[]).map(more).join(" to ") },
  ]);

const residenceTable = (residences: readonly Residence[]) =>
  printedTable(residences, [
    "mixer",
    { key: "seconds", label: "input (s)" },
    "allocator",
    { key: "ledger_bytes", label: "ledger's peak", format: size },
    { key: "rss_at_peak_bytes", label: "resident then", format: size },
    { key: "rss_bytes", label: "resident at most", format: size },
    { key: "difference", format: percent },
    { key: "rss_after_bytes", label: "resident after", format: size },
  ]);
