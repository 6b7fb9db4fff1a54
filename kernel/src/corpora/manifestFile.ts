// A manifest on disk: an Arrow file, written whole or not at all.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type Table, tableFromIPC, tableToIPC } from "apache-arrow";
import type { Unreadable } from "../audio";
import { type Columns, columnsOf, type ManifestRow, tableOf } from "./columns";

/** What the file is called that a folder's manifest is kept in. */
export const manifestName = "manifest.arrow";

const format = "bestrq manifest 1";
/** What was skipped is kept in the file up to so many. */
const skippedKept = 1000;

/** What a file of a manifest holds. */
export interface ManifestContents {
  readonly columns: Columns;
  /** The corpus's folder, absolute. */
  readonly folder: string;
  readonly skipped: readonly Unreadable[];
}

/**
 * Opens the place of a manifest, before what goes there is known.
 *
 * @returns writes it: the folder as a path relative to the file where that lies inside, so that both can be moved
 * @throws Error where nothing can be written there
 */
export function reserve(file: string) {
  const temporary = `${file}.${process.pid}.tmp`;
  let handle: number;
  try {
    mkdirSync(dirname(file), { recursive: true });
    handle = openSync(temporary, "w");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`Cannot keep the manifest: ${file} must be writable, got ${code}; name another place with file`);
  }
  return {
    write(folder: string, rows: readonly ManifestRow[], skipped: readonly Unreadable[]): void {
      const facts = { format, folder: storedFolder(file, folder), skipped: skipped.slice(0, skippedKept) };
      const stored = Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value)] as const);
      writeFileSync(handle, tableToIPC(tableOf(rows, new Map(stored)), "file"));
      fsyncSync(handle);
      renameSync(temporary, file);
    },
    /** Lets the place go: to be called at last, whether it was written or not. */
    release(): void {
      closeSync(handle);
      rmSync(temporary, { force: true });
    },
  };
}

/** @throws Error where the file cannot be read, or is no manifest */
export function readManifest(file: string, folder?: string): ManifestContents {
  const fault = (reason: string) => new Error(`Cannot open the manifest ${file}: ${reason}`);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw fault(`it must be a file that can be read, got ${(error as NodeJS.ErrnoException).code}`);
  }
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch (error) {
    throw fault(`it must be an Arrow file, got ${(error as Error).message}; scan the folder again`);
  }
  const fact = (name: string) => JSON.parse(table.schema.metadata.get(name) ?? "null");
  if (fact("format") !== format) throw fault(`its format must be "${format}", got ${fact("format")}; scan again`);
  try {
    const root = folder ?? fact("folder");
    return { columns: columnsOf(table), folder: resolve(dirname(file), root), skipped: fact("skipped") };
  } catch (error) {
    throw fault((error as Error).message);
  }
}

function storedFolder(file: string, folder: string): string {
  const [place, root] = [resolve(dirname(file)), resolve(folder)];
  const upwards = relative(place, root);
  const inside = join(place, sep).startsWith(join(root, sep));
  return inside && !isAbsolute(upwards) ? upwards.replaceAll(sep, "/") || "." : root;
}
