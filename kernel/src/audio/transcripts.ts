import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Listing } from "./files";

/** What is known of a recording beside its samples. */
export interface Transcript {
  text?: string;
  speaker?: string;
}

/**
 * Reads transcripts by file: a `transcripts.tsv`, that is a line `path speaker text` (the heading), then one a recording,
 * tabs between; or LibriSpeech's `*.trans.txt`, whose lines are `SPEAKER-CHAPTER-NUMBER TEXT`. The latter's keys are paths
 * without extension.
 */
async function readTranscripts(path: string): Promise<Map<string, Transcript>> {
  const lines = (await readFile(path, "utf8")).split(/\r?\n/);
  return path.endsWith(".trans.txt") ? trans(path, lines) : table(path, lines);
}

/** All transcripts of a folder. Those that cannot be read become unreadable files of the listing. */
export async function transcriptsOf({ transcripts, unreadable }: Listing): Promise<Map<string, Transcript>> {
  const all = new Map<string, Transcript>();
  for (const path of transcripts)
    await readTranscripts(path).then(
      (found) => found.forEach((one, file) => void all.set(file, one)),
      (error: Error) => unreadable.push({ path, reason: error.message }),
    );
  return all;
}

/** What is told of a file. */
export const transcriptOf = (path: string, transcripts: Map<string, Transcript>): Transcript | undefined =>
  transcripts.get(path) ?? transcripts.get(path.slice(0, -extname(path).length));

/** The text of `NAME.txt` beside `NAME.wav`, if there is one. */
export async function textBeside(path: string): Promise<string | undefined> {
  const text = await readFile(`${path.slice(0, -extname(path).length)}.txt`, "utf8").catch(() => undefined);
  return text?.trim();
}

function table(path: string, lines: string[]): Map<string, Transcript> {
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

function trans(path: string, lines: string[]): Map<string, Transcript> {
  const transcripts = new Map<string, Transcript>();
  for (const [i, line] of lines.entries()) {
    if (line === "") continue;
    const match = /^((\d+)-\d+-\d+) (.*)$/.exec(line);
    if (!match)
      throw new Error(
        `Cannot read transcripts: each line must be SPEAKER-CHAPTER-NUMBER TEXT, got "${line.slice(0, 80)}" in line ${i + 1}`,
      );
    transcripts.set(join(path, "..", match[1]), { text: match[3], speaker: match[2] });
  }
  return transcripts;
}
