// Corpora made up for tests, of the shipped speech: real FLAC files, 2.4 to 4.2 s.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach } from "vitest";

const speech = fileURLToPath(new URL("../../../data/speech/", import.meta.url));
const recordings = readdirSync(speech).filter((name) => name.endsWith(".flac"));

/** A new folder for each test, which is gone afterwards. */
export function emptyFolder(): { path: string; write(file: string, content: string | Uint8Array): string } {
  const folder = {
    path: "",
    write(file: string, content: string | Uint8Array) {
      const path = join(folder.path, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
  };
  beforeEach(() => {
    folder.path = mkdtempSync(join(tmpdir(), "bestrq-corpora-"));
  });
  afterEach(() => rmSync(folder.path, { recursive: true }));
  return folder;
}

/** Twelve recordings as LibriSpeech lays them out: two splits, three speakers, a transcript a chapter. */
export function makeLibriSpeech(root: string): void {
  const chapters = [
    ["train-clean-100", "19", "198"],
    ["train-clean-100", "26", "495"],
    ["dev-clean", "84", "121123"],
  ];
  let next = 0;
  for (const [split, speaker, chapter] of chapters) {
    const folder = join(root, split, speaker, chapter);
    mkdirSync(folder, { recursive: true });
    const names = [0, 1, 2, 3].map((number) => `${speaker}-${chapter}-000${number}`);
    for (const name of names) copyFileSync(join(speech, recordings[next++]), join(folder, `${name}.flac`));
    const lines = names.map((name, number) => `${name} SENTENCE ${number} OF ${chapter}\n`);
    writeFileSync(join(folder, `${speaker}-${chapter}.trans.txt`), lines.join(""));
  }
  writeFileSync(join(root, "SPEAKERS.TXT"), "not a transcript");
}
