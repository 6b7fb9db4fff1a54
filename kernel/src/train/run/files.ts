// Writing that survives whatever happens: whole or not at all, on the disk before anything counts on it.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Why the system refused to write, in words. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "files may not become that large here (ulimit -f)",
  EROFS: "the file system is read-only",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EIO: "the disk does not answer as it should",
};

/** What went wrong with a file: the plain reason where it is known, else the system's words. */
export function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}

/** Has the disk take what was written to a folder: names that appeared in it, or went. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return; // folders cannot be opened there
  sync(openSync(path, "r"));
}

function sync(file: number): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes a text to a file, which then has either all of it or what it had before. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.tmp`;
  const file = openSync(unfinished, "w");
  try {
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}
