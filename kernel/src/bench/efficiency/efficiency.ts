// What was measured, as tables, sentences and two figures.
import { bytes, curves, type Displayable, displaySymbol, type Figure, type MimeBundle, table } from "../../figures";
import { type Machine, machineName } from "../machine";
import { readResults } from "../results";
import type { EfficiencyWork } from "./points";
import { crossover, curvesOf, papers, type Quantity, quantities, relative, savings, settingsIn } from "./ratios";
import { type EfficiencyResult, isMeasured } from "./results";

/** Which results a figure shows. */
export interface FigureChoice {
  /** Default: `base`. */
  readonly size?: string;
  /** Default: `training forward`, the paper's. */
  readonly work?: EfficiencyWork;
  /** The longest input (default: 80 s, the paper's). */
  readonly longest?: number;
}

/** Time and memory of the mixers against the length of the input, measured or planned, on one machine. */
export class Efficiency implements Displayable {
  constructor(
    readonly machine: Machine,
    readonly results: readonly EfficiencyResult[],
  ) {}

  /** Reads a file of data/results. @throws Error where it is not one */
  static read(path: string): Efficiency {
    const file = readResults<EfficiencyResult>(path);
    if (!file) throw new Error(`Cannot read results: there are none in ${path}`);
    return new Efficiency(file.machine, latest(file.runs.flatMap(({ results }) => results)));
  }

  /** Time and memory against seconds of audio. */
  figure(choice: FigureChoice = {}): Displayable {
    const { title, results } = this.chosen(choice);
    return curves({
      title,
      x: { label: "seconds of audio" },
      facets: this.facets(results).map(({ quantity, label, scale }) => ({
        y: { label },
        series: curvesOf(results, quantity).map(({ mixer, x, y }) => ({ name: mixer, x, y: y.map((one) => one / scale) })), // biome-ignore format: one line
      })),
    });
  }

  /** The same divided by MHSA's. */
  relativeFigure(choice: FigureChoice = {}): Displayable {
    const { title, results } = this.chosen(choice);
    return curves({
      title: `${title}, relative to MHSA`,
      x: { label: "seconds of audio" },
      facets: this.facets(results).map(({ quantity, relativeLabel }) => ({
        y: { label: relativeLabel },
        series: relative(curvesOf(results, quantity))
          .filter(({ mixer }) => mixer !== "mhsa")
          .map(({ mixer, x, y }) => ({ name: mixer, x, y })),
        references: [{ name: "MHSA", y: 1 }],
      })),
    });
  }

  /** Both figures, by what their files are called. */
  figures(): Record<string, Displayable> {
    return { absolute: this.figure(), relative: this.relativeFigure() };
  }

  /** Every point as a row of plain numbers, to sort, plot otherwise or save: CSV and Arrow hold seconds and bytes. */
  table(): Figure {
    const rows = this.results.map((result) => {
      const { work, size, mixer, seconds, batch, parameters, flops } = result;
      const measured = isMeasured(result) ? { runs: result.runs, min: result.min_s, median: result.median_s, max: result.max_s } : {}; // biome-ignore format: one line
      const [rss, pool, planned] = [quantities.rss, quantities.device, quantities.planned].map(({ of }) => of(result));
      return { work, size, mixer, seconds, batch, parameters, flops, ...measured, rss, pool, planned };
    });
    const inSeconds = (value: unknown) => (value === undefined ? "" : `${Number(value).toPrecision(3)} s`);
    const inBytes = (value: unknown) => (value === undefined ? "" : bytes(Number(value)));
    return table(rows, {
      title: `Efficiency on ${machineName(this.machine)}`,
      facts: { machine: machineName(this.machine) },
      columns: [
        ...["work", "size", "mixer", "seconds", "batch", "parameters", "flops", "runs"],
        { key: "min", label: "fastest run, s", format: inSeconds },
        { key: "median", label: "median, s", format: inSeconds },
        { key: "max", label: "slowest run, s", format: inSeconds },
        { key: "rss", label: "growth of RSS, bytes", format: inBytes },
        { key: "pool", label: "peak of the GPU's pool, bytes", format: inBytes },
        { key: "planned", label: "planned op by op, bytes", format: inBytes },
      ],
    });
  }

  toMarkdown(): string {
    return this.told("text/markdown");
  }

  toString(): string {
    return this.told("text/plain");
  }

  [displaySymbol](): MimeBundle {
    return { "text/markdown": this.toMarkdown(), "text/plain": this.toString() };
  }

  private chosen({ size = "base", work = "training forward", longest = 80 }: FigureChoice) {
    const results = this.results.filter((one) => one.size === size && one.work === work && one.seconds <= longest);
    const batch = results[0]?.batch;
    const what = work === "inference" ? "Inference" : "Forward pass in training mode";
    return { results, title: `${what}, ${size}, batch ${batch}: ${machineName(this.machine)}` };
  }

  private facets(results: readonly EfficiencyResult[]) {
    const onGpu = results.some((one) => isMeasured(one) && one.device_peak_bytes !== undefined);
    return [
      { quantity: quantities.time, label: "seconds, measured", relativeLabel: "time, measured", scale: 1 },
      onGpu
        ? { quantity: quantities.device, label: "GiB of the GPU's pool, measured", relativeLabel: "GPU's pool, measured", scale: 2 ** 30 } // biome-ignore format: one line
        : { quantity: quantities.rss, label: "GiB that RSS grows by, measured", relativeLabel: "growth of RSS, measured", scale: 2 ** 30 }, // biome-ignore format: one line
      { quantity: quantities.planned, label: "GiB of tensors, planned op by op", relativeLabel: "tensors, planned op by op", scale: 2 ** 30 }, // biome-ignore format: one line
    ];
  }

  private told(mime: "text/plain" | "text/markdown"): string {
    const parts = settingsIn(this.results).map(({ size, work, batch, results }) => {
      const runs = results.filter(isMeasured).map((one) => one.runs);
      const spread = runs.length === 0 ? "planned" : `median of ${range(runs)} runs`;
      const rows = rowsOf(results);
      const made = (table(rows)[displaySymbol]() as Record<string, string>)[mime];
      return [`${work}, ${size}, batch ${batch}, ${spread} (in brackets: divided by MHSA's):`, made, ...sentences(work, results)].join("\n\n"); // biome-ignore format: one line
    });
    return [`On ${machineName(this.machine)}, ${this.machine.memory_gib} GiB:`, ...parts].join("\n\n");
  }
}

const range = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least} to ${most}`;
};

/** The last result of each point, one that was measured before one that was planned. */
export function latest(all: readonly EfficiencyResult[]): EfficiencyResult[] {
  const points = new Map<string, EfficiencyResult>();
  for (const result of all) {
    const { work, size, mixer, seconds, batch } = result;
    const key = JSON.stringify([work, size, mixer, seconds, batch]);
    const known = points.get(key);
    if (!known || isMeasured(result) || !isMeasured(known)) points.set(key, result);
  }
  return [...points.values()];
}

/** Lengths down, mixers across; time, then each kind of memory. */
function rowsOf(results: readonly EfficiencyResult[]): Record<string, string>[] {
  const mixers = [...new Set(results.map(({ mixer }) => mixer))];
  const lengths = [...new Set(results.map(({ seconds }) => seconds))].sort((a, b) => a - b);
  const rows = (quantity: Quantity, title: string, format: (value: number) => string) =>
    lengths.flatMap((length) => {
      const at = (mixer: string) => results.find((one) => one.mixer === mixer && one.seconds === length);
      const mhsa = at("mhsa") && quantity.of(at("mhsa") as EfficiencyResult);
      const cells = mixers.map((mixer) => {
        const result = at(mixer);
        const value = result && quantity.of(result);
        if (value === undefined) return [mixer, result && !isMeasured(result) ? "planned only" : ""];
        return [mixer, `${format(value)}${mhsa && mixer !== "mhsa" ? ` (${(value / mhsa).toFixed(2)})` : ""}`];
      });
      const isKnown = mixers.some((mixer) => at(mixer) && quantity.of(at(mixer) as EfficiencyResult) !== undefined);
      return isKnown ? [{ "": `${length} s, ${title}`, ...Object.fromEntries(cells) }] : [];
    });
  return [
    ...rows(quantities.time, "time", (value) => `${value < 10 ? value.toPrecision(3) : value.toFixed(1)} s`),
    ...rows(quantities.device, "GPU's pool", bytes),
    ...rows(quantities.rss, "growth of RSS", bytes),
    ...rows(quantities.planned, "planned op by op", bytes),
  ];
}

/** Where curves cross MHSA's, and what is saved beside what the paper says. */
function sentences(work: EfficiencyWork, results: readonly EfficiencyResult[]): string[] {
  const percent = (share: number) => `${Math.round(100 * share)}`;
  return Object.values(quantities).flatMap((quantity) => {
    const ratios = relative(curvesOf(results, quantity)).filter(({ mixer }) => mixer !== "mhsa");
    if (ratios.length === 0) return [];
    const crossings = ratios.map((curve) => `${curve.mixer} ${crossover(curve)}`).join(", ");
    const saved = savings(ratios);
    const paper = quantity === quantities.time ? papers.time : papers.memory;
    const beside = work === "training forward" ? ` (paper, on a GPU: ${paper})` : "";
    const told = saved
      ? `; saved at ${range(saved.seconds)} s: ${percent(saved.least)} to ${percent(saved.most)} %${beside}`
      : "";
    return [`${quantity.name[0].toUpperCase()}${quantity.name.slice(1)}: less than MHSA's from: ${crossings}${told}.`];
  });
}
