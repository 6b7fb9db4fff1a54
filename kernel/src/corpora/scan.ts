import { stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { inventory, type Listing, list, readHeader, type Transcript, textBeside, transcriptOf, transcriptsOf, type Unreadable } from "../audio"; // biome-ignore format: one line
import { duration, lateProgress } from "../figures";
import type { ManifestRow } from "./columns";
import { parseLibriSpeechPath } from "./librispeech";
import { type Manifest, open } from "./manifest";
import { manifestName, reserve } from "./manifestFile";

/** How far {@link scan} has come. */
export interface ScanProgress {
  /** Files looked at, the skipped ones included. */
  done: number;
  total: number;
  /** Speech found so far. */
  seconds: number;
  skipped: number;
}

/** Options of {@link scan}. */
export interface ScanOptions {
  /** Where the manifest is kept (default: `manifest.arrow` in the folder). */
  file?: string;
  /** Called after each file. */
  onProgress?(progress: ScanProgress): void;
}

/** Files that are looked at at once: a disk, and a network more so, answers many as fast as one. */
const atOnce = 32;

/**
 * Lists all WAV and FLAC files in a folder and the folders inside, and keeps where they lie, how long they are, who speaks
 * and what is said, as a manifest. Their headers are read, not their sound: what is damaged behind its header shows when it
 * is used. Speakers, splits and transcripts come from LibriSpeech's layout where a corpus has it, else from `NAME.txt` and
 * `transcripts.tsv` as `audio.load` finds them. A progress bar appears when it takes longer than two seconds.
 *
 * @returns the manifest as {@link open} gives it
 * @throws Error where the folder holds no recording that can be read, or the manifest cannot be written
 * @example
 * const speech = await corpora.scan("data/speech", { file: "out/speech.arrow" });
 * speech.length; // 20
 * speech.at(0).speaker; // "ada"
 */
export async function scan(folder: string, { file, onProgress }: ScanOptions = {}): Promise<Manifest> {
  const found = await stat(folder).catch(({ code }) => ({ isDirectory: () => false, code }));
  if (!found.isDirectory())
    throw new Error(`Cannot scan: ${folder} must be a folder, got ${"code" in found ? found.code : "a file"}`);
  const kept = file ?? join(folder, manifestName);
  const place = reserve(kept);
  try {
    const listing = await list(folder);
    if (listing.audio.length === 0)
      throw new Error(`Cannot scan: ${folder} must hold .wav or .flac files, got ${inventory(listing)}`);
    const { rows, skipped } = await look(listing, resolve(folder), onProgress);
    if (rows.length === 0)
      throw new Error(
        `Cannot scan: at least one file of ${folder} must be readable, got ${skipped.length} that are not, the first ` +
          `${skipped[0].path}: ${skipped[0].reason}`,
      );
    place.write(folder, rows, skipped);
  } finally {
    place.release();
  }
  return open(kept);
}

/** Looks at every file of a listing; rows and what was skipped come in the order of the listing. */
async function look(listing: Listing, root: string, onProgress: ScanOptions["onProgress"]) {
  const { audio } = listing;
  const transcripts = await transcriptsOf(listing);
  const beside = listing.others.has(".txt");
  const rows = new Array<ManifestRow | Unreadable>(audio.length);
  const tell = lateProgress("Scanning speech", audio.length);
  const progress: ScanProgress = { done: 0, total: audio.length, seconds: 0, skipped: listing.unreadable.length };
  let next = 0;
  const take = async () => {
    while (next < audio.length) {
      const index = next++;
      const path = audio[index];
      try {
        const told = transcriptOf(path, transcripts) ?? (beside ? { text: await textBeside(path) } : undefined);
        const row = await rowOf(path, root, told);
        rows[index] = row;
        progress.seconds += row.frames / row.rate;
      } catch (error) {
        rows[index] = { path, reason: (error as Error).message };
        progress.skipped++;
      }
      progress.done++;
      tell(progress.done, `${duration(progress.seconds)} of speech`);
      onProgress?.({ ...progress });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  const isRow = (one: ManifestRow | Unreadable): one is ManifestRow => "frames" in one;
  const unreadable = rows.filter((one): one is Unreadable => !isRow(one));
  return { rows: rows.filter(isRow), skipped: [...listing.unreadable, ...unreadable] };
}

async function rowOf(path: string, root: string, told: Transcript | undefined): Promise<ManifestRow> {
  const { frames, sampleRate, size, modified } = await readHeader(path);
  const absolute = resolve(path);
  const inside = relative(root, absolute).replaceAll(sep, "/");
  const place = parseLibriSpeechPath(absolute);
  return {
    path: inside,
    frames,
    rate: sampleRate,
    speaker: told?.speaker ?? place?.speaker,
    text: told?.text,
    split: place?.split ?? (inside.includes("/") ? inside.split("/")[0] : undefined),
    size,
    modified,
  };
}
