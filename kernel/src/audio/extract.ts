import { readFile, stat } from "node:fs/promises";
import { decode } from "./decode";
import { logMel } from "./logMel";
import { resample } from "./resample";

/** A recording as it was when someone looked at it. */
export interface KnownFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. Whole seconds are compared: copies often keep no more. */
  readonly modified: number;
  /** Samples of each channel, at the file's own rate. */
  readonly frames: number;
}

/**
 * Reads a recording and computes its filterbank.
 *
 * @returns [T, mels] row by row
 * @throws Error where the file is gone, has changed since, or cannot be read
 */
export async function extract({ path, size, modified, frames }: KnownFile, mels: number): Promise<Float32Array> {
  const now = await stat(path).catch(({ code }) => {
    throw new Error(code === "ENOENT" ? "the file is gone" : `the file cannot be read: ${code}`);
  });
  const second = (milliseconds: number) => Math.floor(milliseconds / 1000);
  if (now.size !== size || second(now.mtimeMs) !== second(modified))
    throw new Error(
      `the file has changed since it was scanned: it had ${size} bytes of ${date(modified)}, got ${now.size} of ` +
        `${date(now.mtimeMs)}; scan the folder again`,
    );
  const { samples, sampleRate } = await decode(await readFile(path));
  if (samples.length !== frames)
    throw new Error(`the file must hold ${frames} samples, as when it was scanned, got ${samples.length}`);
  return logMel(await resample(samples, sampleRate), { mels });
}

const date = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 19);
