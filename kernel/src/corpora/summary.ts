// What a corpus holds, as a table: a line for each split, and one for all.
import type { Unreadable } from "../audio";
import { displaySymbol, table } from "../figures";
import { type Columns, codesOf } from "./columns";

/** What there is of a split. */
interface Share {
  readonly split: string;
  utterances: number;
  seconds: number;
  shortest: number;
  longest: number;
  readonly speakers: Set<number>;
  readonly rates: Set<number>;
}

const skippedShown = 10;

/** Markdown and text about some rows of the columns. */
export function summary(columns: Columns, rows: Uint32Array, folder: string, skipped: readonly Unreadable[]) {
  const shares = sharesOf(columns, rows);
  const shown = table(shares.map(readable), {
    title: `${folder}: ${rows.length.toLocaleString("en-US")} utterances`,
    columns: ["split", "utterances", "hours", "speakers", "rates (Hz)", "shortest (s)", "longest (s)"],
  })[displaySymbol]() as Record<"text/markdown" | "text/plain", string>;
  const lines = toldOf(skipped);
  if (lines.length === 0) return shown;
  return {
    "text/markdown": [shown["text/markdown"], "", "```text", ...lines, "```"].join("\n"),
    "text/plain": [shown["text/plain"], "", ...lines].join("\n"),
  };
}

/** What was skipped, a line each, and how many more there are. */
export function toldOf(skipped: readonly Unreadable[]): string[] {
  if (skipped.length === 0) return [];
  const lines = skipped.slice(0, skippedShown).map(({ path, reason }) => `  ${path}: ${reason.replace(/\s+/g, " ")}`);
  const more = skipped.length - lines.length;
  const heading = `${skipped.length} ${skipped.length === 1 ? "file was" : "files were"} skipped:`;
  return [heading, ...lines, ...(more > 0 ? [`  and ${more} more, see skipped`] : [])];
}

/** For each split in the order of the names, and at last, where there are more than one, for all. */
function sharesOf(columns: Columns, rows: Uint32Array): Share[] {
  const [splitOf, speakerOf] = [codesOf(columns.split), codesOf(columns.speaker)];
  const names = columns.split.data[0].dictionary;
  const shares = new Map<number, Share>();
  const all = emptyShare("all");
  for (const row of rows) {
    const code = splitOf(row);
    const share = shares.get(code) ?? emptyShare(code < 0 ? "–" : (names?.get(code) as string));
    shares.set(code, share);
    add(share, columns.frames[row], columns.rate[row], speakerOf(row));
    add(all, columns.frames[row], columns.rate[row], speakerOf(row));
  }
  const sorted = [...shares.values()].sort((a, b) => (a.split < b.split ? -1 : 1));
  return sorted.length > 1 ? [...sorted, all] : sorted.length === 1 ? sorted : [all];
}

function emptyShare(split: string): Share {
  const [speakers, rates] = [new Set<number>(), new Set<number>()];
  return { split, utterances: 0, seconds: 0, shortest: Infinity, longest: 0, speakers, rates };
}

function add(share: Share, frames: number, rate: number, speaker: number): void {
  const seconds = frames / rate;
  share.utterances++;
  share.seconds += seconds;
  share.shortest = Math.min(share.shortest, seconds);
  share.longest = Math.max(share.longest, seconds);
  share.rates.add(rate);
  if (speaker >= 0) share.speakers.add(speaker);
}

function readable({ split, utterances, seconds, shortest, longest, speakers, rates }: Share): object {
  return {
    split,
    utterances,
    hours: seconds / 3600,
    speakers: speakers.size,
    "rates (Hz)": [...rates].sort((a, b) => a - b).join(", "),
    "shortest (s)": utterances === 0 ? 0 : shortest,
    "longest (s)": longest,
  };
}
