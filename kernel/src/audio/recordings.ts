import { displaySymbol } from "../figures";
import type { Unreadable } from "./files";
import type { Utterance } from "./utterance";

/** What {@link load} found. As the result of a notebook cell it says how much there is, and what was left out. */
export class Recordings {
  constructor(
    /** In the order of their paths. */
    readonly utterances: Utterance[],
    /** What could not be read, and why. */
    readonly unreadable: Unreadable[],
  ) {}

  /** How long all utterances take together. */
  get seconds(): number {
    return this.utterances.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  toString(): string {
    const speakers = new Set(this.utterances.flatMap(({ speaker }) => speaker ?? [])).size;
    const by = speakers === 0 ? "" : ` by ${plural(speakers, "speaker")}`;
    const lines = [`${plural(this.utterances.length, "utterance")}${by}, ${duration(this.seconds)}`];
    if (this.unreadable.length > 0) lines.push(`${plural(this.unreadable.length, "file")} could not be read:`);
    for (const { path, reason } of this.unreadable.slice(0, 10)) lines.push(`  ${path}: ${reason}`);
    if (this.unreadable.length > 10) lines.push(`  and ${this.unreadable.length - 10} more, see unreadable`);
    return lines.join("\n");
  }

  /** @internal What a notebook shows. */
  [displaySymbol](): Record<string, string> {
    return { "text/plain": this.toString() };
  }
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
