import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { extname, join } from "node:path";

/** A file that could not be read, and why. */
export interface Unreadable {
  path: string;
  reason: string;
}

/** What lies in a folder and in the folders inside. */
export interface Listing {
  /** WAV and FLAC files. */
  audio: string[];
  /** Files named `transcripts.tsv`. */
  transcripts: string[];
  /** How many there are of every other extension. */
  others: Map<string, number>;
  unreadable: Unreadable[];
}

/**
 * Lists a folder in the order of the paths' characters, the same on every machine. Hidden files are left out; links are
 * followed, once.
 */
export async function list(folder: string): Promise<Listing> {
  const listing: Listing = { audio: [], transcripts: [], others: new Map(), unreadable: [] };
  await walk(folder, listing, new Set());
  return listing;
}

async function walk(folder: string, listing: Listing, visited: Set<string>): Promise<void> {
  const real = await realpath(folder);
  if (visited.has(real)) return;
  visited.add(real);
  for (const name of (await readdir(folder)).sort()) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    try {
      if ((await stat(path)).isDirectory()) await walk(path, listing, visited);
      else sort(path, name, listing);
    } catch (error) {
      listing.unreadable.push({ path, reason: (error as Error).message });
    }
  }
}

function sort(path: string, name: string, listing: Listing): void {
  const extension = extname(name).toLowerCase();
  if (extension === ".wav" || extension === ".flac") listing.audio.push(path);
  else if (name === "transcripts.tsv") listing.transcripts.push(path);
  else listing.others.set(extension || name, (listing.others.get(extension || name) ?? 0) + 1);
}

/** What is known of a recording beside its samples. */
export interface Transcript {
  text?: string;
  speaker?: string;
}

/** Reads a `transcripts.tsv`: a line `path speaker text` (the heading), then one a recording, tabs between. */
export async function readTranscripts(path: string): Promise<Map<string, Transcript>> {
  const lines = (await readFile(path, "utf8")).split(/\r?\n/);
  if (lines[0].trim() !== "path\tspeaker\ttext")
    throw new Error(
      `Cannot read transcripts: the first line must be path, speaker, text with tabs between, got "${lines[0].slice(0, 80)}"`,
    );
  const transcripts = new Map<string, Transcript>();
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line === "") continue;
    const [file, speaker, text, ...rest] = line.split("\t");
    if (text === undefined || rest.length > 0)
      throw new Error(
        `Cannot read transcripts: each line must have three columns, got "${line.slice(0, 80)}" in line ${i + 1}`,
      );
    transcripts.set(join(path, "..", file), { text, speaker: speaker || undefined });
  }
  return transcripts;
}
