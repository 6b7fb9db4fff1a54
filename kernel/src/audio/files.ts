import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
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
  /** Files named `transcripts.tsv`, and LibriSpeech's `*.trans.txt`. */
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
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort(byName)) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    try {
      const folderInside = entry.isSymbolicLink() ? (await stat(path)).isDirectory() : entry.isDirectory();
      if (folderInside) await walk(path, listing, visited);
      else sort(path, entry.name, listing);
    } catch (error) {
      listing.unreadable.push({ path, reason: (error as Error).message });
    }
  }
}

const byName = (a: Dirent, b: Dirent) => (a.name < b.name ? -1 : 1);

function sort(path: string, name: string, listing: Listing): void {
  const extension = extname(name).toLowerCase();
  if (extension === ".wav" || extension === ".flac") listing.audio.push(path);
  else if (name === "transcripts.tsv" || name.endsWith(".trans.txt")) listing.transcripts.push(path);
  else listing.others.set(extension || name, (listing.others.get(extension || name) ?? 0) + 1);
}

/** What a folder holds instead of audio. */
export function inventory({ others, unreadable }: Listing): string {
  const counts = [...others].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`);
  if (unreadable.length > 0) counts.push(`${unreadable.length} unreadable (${unreadable[0].reason})`);
  return counts.length === 0 ? "nothing" : counts.slice(0, 8).join(", ");
}
