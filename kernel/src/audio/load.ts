import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, normalize } from "node:path";
import { duration, lateProgress } from "../figures";
import { decode } from "./decode";
import { inventory, type Listing, list } from "./files";
import { Recordings } from "./recordings";
import { resample } from "./resample";
import { type Transcript, textBeside, transcriptOf, transcriptsOf } from "./transcripts";
import { Utterance } from "./utterance";

/** How far {@link load} has come. */
export interface LoadProgress {
  /** Files done, the unreadable ones included. */
  done: number;
  total: number;
  /** The file done last. */
  path: string;
  /** Speech read so far. */
  seconds: number;
}

/** Options of {@link load}. */
export interface LoadOptions {
  /** Called after each file. */
  onProgress?(progress: LoadProgress): void;
}

/**
 * Reads a WAV or FLAC file, or all of them in a folder and the folders inside, as mono speech at 16 kHz. A transcript
 * comes from `NAME.txt` beside the file, from a `transcripts.tsv` (columns path, speaker, text) in a folder above it, or
 * from LibriSpeech's `*.trans.txt`.
 * In a notebook a progress bar appears when it takes longer than two seconds.
 *
 * @returns the utterances, and the files that could not be read with the reason
 * @throws Error when nothing could be read, naming the place and what was found there
 * @example
 * const speech = await audio.load("data/speech");
 * speech.utterances.length; // 20
 * speech.unreadable; // []
 */
export async function load(path: string, { onProgress }: LoadOptions = {}): Promise<Recordings> {
  const found = await stat(path).catch((error) => {
    throw new Error(`Cannot load audio: there must be a file or folder at ${path}, got ${error.code ?? error.message}`);
  });
  const listing = found.isDirectory() ? await list(path) : only(path);
  if (listing.audio.length === 0)
    throw new Error(`Cannot load audio: ${path} must hold .wav or .flac files, got ${inventory(listing)}`);

  const { utterances, unreadable } = new Recordings([], listing.unreadable);
  const transcripts = await transcriptsOf(listing);
  const tell = lateProgress("Loading speech", listing.audio.length);
  let seconds = 0;
  for (const [i, file] of listing.audio.entries()) {
    try {
      const utterance = await read(file, transcriptOf(file, transcripts));
      utterances.push(utterance);
      seconds += utterance.seconds;
    } catch (error) {
      unreadable.push({ path: file, reason: (error as Error).message });
    }
    tell(i + 1, `${duration(seconds)} of speech`);
    onProgress?.({ done: i + 1, total: listing.audio.length, path: file, seconds });
  }
  if (utterances.length === 0)
    throw new Error(
      `Cannot load audio: at least one file of ${path} must be readable, got ${unreadable.length} that are not, ` +
        `the first ${unreadable[0].path}: ${unreadable[0].reason}`,
    );
  return new Recordings(utterances, unreadable);
}

/** A file given by itself, with the table of transcripts in its folder. */
function only(file: string): Listing {
  const path = normalize(file);
  const table = join(dirname(path), "transcripts.tsv");
  return { audio: [path], transcripts: existsSync(table) ? [table] : [], others: new Map(), unreadable: [] };
}

async function read(path: string, transcript: Transcript | undefined): Promise<Utterance> {
  const { samples, sampleRate } = await decode(await readFile(path));
  const waveform = await resample(samples, sampleRate);
  if (waveform.length === 0) throw new Error(`Cannot load audio: a recording must last, got ${samples.length} sample`);
  const text = transcript?.text ?? (await textBeside(path));
  return new Utterance({ path, name: basename(path, extname(path)), waveform, text, speaker: transcript?.speaker });
}
