// What `bestrq bench scaling` found: tables, a figure, a file.
import { writeFileSync } from "node:fs";
import { bytes, curves, displaySymbol, type Figure, table } from "../../figures";
import type { Network, Scaled, StepCost, Timed } from "../../parallel";
import { commit, machine, resultsPath } from "../machine";

/** What was measured, and what it gives. */
export interface Estimate {
  readonly model: { readonly mixer: string; readonly size: string; readonly seconds: number; readonly batch: number };
  readonly cost: StepCost;
  /** Sums over the processes that measured. */
  readonly measured?: {
    readonly processes: number;
    readonly sums: readonly Timed[];
    /** Seconds of summing all gradients by buckets, and what the model of scaling says of the same. */
    readonly gradients: number;
    readonly estimated: number;
  };
  readonly networks: readonly (Network & { readonly steps: readonly Scaled[] })[];
}

/** In seconds, milliseconds or microseconds. */
function time(value: unknown): string {
  const seconds = Number(value);
  const [factor, unit] = seconds === 0 || seconds >= 1 ? [1, "s"] : seconds >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
  const scaled = factor * seconds;
  return `${scaled >= 100 ? Math.round(scaled) : scaled.toPrecision(3)} ${unit}`;
}

/** Prints the tables, or a line of JSON for each network and number of processes. */
export function tell(estimate: Estimate, json: boolean): void {
  const { model, cost, measured, networks } = estimate;
  if (json) {
    for (const { steps, ...network } of networks) {
      for (const step of steps) console.log(JSON.stringify({ network: network.name, ...step }));
    }
    return;
  }
  console.log(
    `${model.mixer}, ${model.size}, ${model.batch} x ${model.seconds} s of speech for each process and step: ` +
      `${time(cost.compute)} of computing, ${bytes(cost.bytes)} of gradients, copied in ${time(cost.copy)}`,
  );
  if (measured) {
    console.log(
      `Summing the gradients of ${measured.processes} processes took ${time(measured.gradients)}; ` +
        `the model of scaling says ${time(measured.estimated)}`,
    );
  }
  for (const { name, latency, bandwidth, steps } of networks) {
    const title = `${name}: ${time(latency)}, ${(bandwidth / 1e9).toPrecision(3)} GB/s`;
    console.log(`\n${inText(stepTable(title, steps))}`);
  }
}

const stepTable = (title: string, steps: readonly Scaled[]): Figure =>
  table(steps, {
    title,
    columns: [
      "processes",
      { key: "traffic", label: "sent by each", format: (value) => bytes(Number(value)) },
      { key: "exchange", label: "exchange", format: time },
      { key: "step", label: "step", format: time },
      { key: "efficiency", label: "efficiency", format: (value) => `${(100 * Number(value)).toFixed(1)} %` },
      { key: "overlapped", label: "step if overlapped", format: time },
    ],
  });

const inText = (figure: Figure): string => (figure[displaySymbol]() as { "text/plain": string })["text/plain"];

/** Time and traffic of a step against processes, in powers of two. */
function scalingFigure({ model, networks }: Estimate): Figure {
  const series = (value: (one: Scaled) => number) =>
    networks.map(({ name, steps }) => ({
      name,
      x: steps.map(({ processes }) => Math.log2(processes)),
      y: steps.map(value),
    }));
  return curves({
    title: `A step of ${model.mixer}, ${model.size}, on many processes (estimated)`,
    x: { label: "processes, as a power of two" },
    facets: [
      { y: { label: "seconds of a step" }, series: series(({ step }) => step) },
      { y: { label: "efficiency" }, series: series(({ efficiency }) => efficiency) },
      { y: { label: "GB sent by each process in a step" }, series: series(({ traffic }) => traffic / 1e9) },
    ],
  });
}

/** Writes what was found, and its figure beside it, in place of what was found before. */
export function keep(estimate: Estimate, out: string | undefined): void {
  const path = resultsPath(out, "scaling");
  if (!path) return;
  const about = { format: 1, date: new Date().toISOString(), commit: commit(), machine: machine() };
  writeFileSync(path, `${JSON.stringify({ ...about, ...estimate }, null, 2)}\n`);
  const { "image/svg+xml": svg } = scalingFigure(estimate)[displaySymbol]() as { "image/svg+xml": string };
  writeFileSync(path.replace(/\.json$|$/, ".svg"), `${svg}\n`);
}
