import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Unreadable } from "../audio";
import { displaySymbol } from "../figures";
import { Random } from "../tensor";
import { type Columns, codesOf } from "./columns";
import { readManifest } from "./manifestFile";
import { shuffle } from "./shuffle";
import { summary } from "./summary";

/** What a manifest says of one utterance. */
export interface ManifestUtterance {
  /** The file, absolute. */
  path: string;
  seconds: number;
  /** Samples of each channel, at the file's own rate. */
  frames: number;
  /** In Hz. */
  sampleRate: number;
  speaker?: string;
  text?: string;
  /** Such as `train-clean-100`; outside of LibriSpeech the first folder inside the corpus's own. */
  split?: string;
  /** Bytes of the file. */
  size: number;
  /** When it was last written, milliseconds since 1970. */
  modified: number;
}

/**
 * The utterances of a corpus on disk, or a part of them: where they lie and how long they are, without their sound. Parts
 * share the columns of the whole. As the result of a notebook cell it shows what the corpus holds.
 */
export class Manifest {
  /** Seconds of each utterance. */
  readonly seconds: Float64Array;
  private hash?: string;

  /** @param rows which rows of the columns this part has, in its order */
  constructor(
    private readonly columns: Columns,
    /** The corpus's folder, absolute. */
    readonly folder: string,
    /** What the scan left out, and why. */
    readonly skipped: readonly Unreadable[] = [],
    private readonly rows: Uint32Array = Uint32Array.from({ length: columns.frames.length }, (_, row) => row),
  ) {
    this.seconds = Float64Array.from(rows, (row) => columns.frames[row] / columns.rate[row]);
  }

  /** How many utterances there are. */
  get length(): number {
    return this.rows.length;
  }

  /** Hours of speech. */
  get hours(): number {
    return this.seconds.reduce((sum, one) => sum + one, 0) / 3600;
  }

  /** Which speech it is: a hash of names and lengths, in their order. */
  get fingerprint(): string {
    this.hash ??= this.hashed();
    return this.hash;
  }

  /** What is known of an utterance, from 0. @throws RangeError where there is none of that number */
  at(index: number): ManifestUtterance {
    if (!(index in this.rows))
      throw new RangeError(`Cannot look up an utterance: its number must be 0 to ${this.length - 1}, got ${index}`);
    const row = this.rows[index];
    const { path, frames, rate, speaker, text, split, size, modified } = this.columns;
    return {
      path: join(this.folder, path.get(row) as string),
      seconds: this.seconds[index],
      frames: frames[row],
      sampleRate: rate[row],
      speaker: speaker.get(row) ?? undefined,
      text: text.get(row) ?? undefined,
      split: split.get(row) ?? undefined,
      size: size[row],
      modified: modified[row],
    };
  }

  /**
   * Some splits alone: `train-clean-100`, `dev-clean`.
   *
   * @throws RangeError where there is none of that name; names those there are
   */
  split(...names: string[]): Manifest {
    const { split } = this.columns;
    const known = [...new Set(split.data[0].dictionary as Iterable<string>)];
    for (const name of names)
      if (!known.includes(name))
        throw new RangeError(`Cannot select a split: it must be one of ${known.join(", ") || "none"}, got "${name}"`);
    const wanted = new Set(names.map((name) => known.indexOf(name)));
    const code = codesOf(split);
    return this.part(this.rows.filter((row) => wanted.has(code(row))));
  }

  /** The utterances for which a function is true. */
  filter(wanted: (utterance: ManifestUtterance, index: number) => boolean): Manifest {
    return this.part(this.rows.filter((_, index) => wanted(this.at(index), index)));
  }

  /** In another order, drawn from a seed: the same one gives the same order. */
  shuffled(seed = 1): Manifest {
    return this.part(shuffle(this.rows.slice(), new Random(seed).fork("shuffle")));
  }

  /**
   * Draws a share of the utterances, one at least, to be kept from training.
   *
   * @param share above 0 and below 1
   * @throws RangeError where it is not, or nothing would be left
   */
  holdOut(share: number, seed = 1): { training: Manifest; heldOut: Manifest } {
    if (!(share > 0 && share < 1) || this.length < 2)
      throw new RangeError(
        `Cannot hold out: the share must be above 0 and below 1, of 2 utterances or more, got ${share} of ${this.length}`,
      );
    const places = shuffle(this.rows.slice(), new Random(seed).fork("held out"));
    const count = Math.min(this.length - 1, Math.max(1, Math.round(share * this.length)));
    return { training: this.part(places.subarray(count).sort()), heldOut: this.part(places.subarray(0, count).sort()) };
  }

  toString(): string {
    return this[displaySymbol]()["text/plain"];
  }

  /** @internal What a notebook shows. */
  [displaySymbol](): Record<"text/markdown" | "text/plain", string> {
    return summary(this.columns, this.rows, this.folder, this.skipped);
  }

  private part(rows: Uint32Array): Manifest {
    return new Manifest(this.columns, this.folder, this.skipped, rows);
  }

  private hashed(): string {
    const hash = createHash("sha256");
    const { path, frames, rate } = this.columns;
    const [{ values, valueOffsets }] = path.data;
    for (let i = 0; i < this.length; ) {
      const first = this.rows[i];
      let last = first;
      while (this.rows[++i] === last + 1) last++; // rows that follow each other are one piece of memory
      hash.update(values.subarray(valueOffsets[first], valueOffsets[last + 1]));
    }
    const lengths = (column: Uint32Array) => Uint32Array.from(this.rows, (row) => column[row]);
    for (const column of [frames, rate]) hash.update(lengths(column));
    return `${this.length} utterances, ${hash.digest("hex").slice(0, 16)}`;
  }
}

/** Options of {@link open}. */
export interface OpenOptions {
  /** Where the corpus lies, if it is not where it was when it was scanned. */
  folder?: string;
}

/**
 * Opens a manifest that {@link scan} wrote: a million utterances in about a second.
 *
 * @throws Error where the file cannot be read, or is no manifest
 */
export function open(file: string, { folder }: OpenOptions = {}): Manifest {
  const { columns, folder: root, skipped } = readManifest(file, folder);
  return new Manifest(columns, root, skipped);
}
