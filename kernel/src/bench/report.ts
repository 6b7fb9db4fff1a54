// What of data/results goes into a page: Markdown tables and a figure of time against length.
import { bytes, curves, type Displayable, displaySymbol, table } from "../figures";
import { type Comparison, compared, isOurs, peerOf, summaries } from "./comparison";
import { machineName } from "./machine";
import type { Measurement } from "./measurement";
import type { ResultsFile } from "./results";
import { summarySentence } from "./tables";

/** One case with its comparison, if it was measured beside another program. */
interface Entry extends Measurement {
  readonly beside?: Comparison;
}

const settingOf = ({ work, size, batch, backend, threads }: Measurement) =>
  `${work}, ${size}, batch ${batch}, ${backend}, ${threads} threads`;
const caseOf = (one: Measurement) => `${settingOf(one)} ${one.mixer} ${one.seconds}`;

/** The last result of each case; one that was measured beside another program is preferred to one that was not. */
function latest({ runs }: ResultsFile): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { results } of runs) {
    for (const one of results.filter(isOurs)) {
      const peer = peerOf(one, results);
      if (!peer && entries.get(caseOf(one))?.beside) continue;
      entries.set(caseOf(one), { ...one, ...(peer ? { beside: compared(one, peer) } : {}) });
    }
  }
  return [...entries.values()];
}

/** Markdown: for each kind of work and setting a table, inputs down, mixers across. */
export function asMarkdown(file: ResultsFile): string {
  const entries = latest(file);
  return [...new Set(entries.map(settingOf))]
    .map((setting) => ofSetting(setting, entries.filter((one) => settingOf(one) === setting))) // biome-ignore format: one line
    .join("\n\n");
}

function ofSetting(setting: string, entries: readonly Entry[]): string {
  const mixers = [...new Set(entries.map(({ mixer }) => mixer))];
  const lengths = [...new Set(entries.map(({ seconds }) => seconds))].sort((a, b) => a - b);
  const line = (title: string, seconds: number, told: (one: Entry) => string) => {
    const cells = mixers.map((mixer) => {
      const one = entries.find((each) => each.mixer === mixer && each.seconds === seconds);
      return [mixer, one ? told(one) : ""];
    });
    return { "": title, ...Object.fromEntries(cells) };
  };
  const ratio = (value: number | null | undefined) => (value ? ` (${value.toFixed(2)})` : "");
  const rows = [
    ...lengths.map((s) => line(`${s} s, time`, s, (one) => `${seconds(one.best_s)}${ratio(one.beside?.ratio)}`)),
    ...lengths.map((s) => line(`${s} s, of the limit`, s, (one) => `${Math.round(100 * one.limit_share)} %`)),
    ...lengths.map((s) =>
      line(`${s} s, memory`, s, (one) => `${bytes(one.peak_rss_mib * 2 ** 20)}${ratio(one.beside?.rss_ratio)}`),
    ),
  ];
  const markdown = (table(rows)[displaySymbol]() as { "text/markdown": string })["text/markdown"];
  const sentences = summaries(entries.flatMap(({ beside }) => beside ?? [])).map(summarySentence);
  return [`${setting}:`, markdown, ...sentences].join("\n\n");
}

const seconds = (value: number) => `${value < 10 ? value.toPrecision(2) : value.toFixed(1)} s`;

/** Time and memory of a forward pass against the length of its input. */
export function lengthFigure(file: ResultsFile): Displayable {
  const entries = latest(file).filter(({ work, size, batch }) => work === "forward" && size === "base" && batch === 1);
  const series = (value: (one: Entry) => number) =>
    [...new Set(entries.map(({ mixer }) => mixer))].map((name) => {
      const those = entries.filter(({ mixer }) => mixer === name).sort((a, b) => a.seconds - b.seconds);
      return { name, x: those.map((one) => one.seconds), y: those.map(value) };
    });
  return curves({
    title: `Forward pass of a base model: ${machineName(file.machine)}`,
    x: { label: "seconds of audio" },
    facets: [
      { y: { label: "seconds of computing" }, series: series((one) => one.best_s) },
      { y: { label: "peak memory of the process (GiB)" }, series: series((one) => one.peak_rss_mib / 1024) },
    ],
  });
}
