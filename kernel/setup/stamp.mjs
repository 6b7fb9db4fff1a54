// A stamp says what a folder was made from. It is written last, so a folder without one is not finished.
import { createHash } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** @param {string[]} parts @returns {string} */
export const hash = (...parts) => createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/** One hash over the names and contents of files, and of all files in folders, but for what `skip` names.
 * @param {string} root @param {string[]} paths relative to root @param {Set<string>} [skip] base names */
export async function hashFiles(root, paths, skip = new Set()) {
  const parts = [];
  for (const path of paths) {
    for (const file of await filesIn(join(root, path), skip)) {
      parts.push(
        relative(root, file),
        createHash("sha256")
          .update(await readFile(file))
          .digest("hex"),
      );
    }
  }
  return hash(...parts);
}

async function filesIn(path, skip) {
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    if (error.code === "ENOENT") return [];
    throw error;
  }
  const found = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skip.has(entry.name)) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) found.push(...(await filesIn(child, skip)));
    else if (entry.isFile()) found.push(child);
  }
  return found;
}

/** @returns {Promise<string | undefined>} what the stamp says; undefined where there is none */
export async function readStamp(file) {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    return undefined;
  }
}

/** Writes a stamp at once or not at all. */
export async function writeStamp(file, text) {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, `${text}\n`);
  await rename(unfinished, file);
}
