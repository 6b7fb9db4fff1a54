import { type FileHandle, open } from "node:fs/promises";
import { decode, refuseImplausible, refuseUnknown } from "./decode";
import { isFlac, readStreamInfo, streamInfoBytes } from "./flac";
import { locateSamples } from "./wav";

/** What the header of a recording says, and what the file system says of the file. */
export interface AudioHeader {
  /** Samples of each channel, at the file's own rate. */
  frames: number;
  /** In Hz. */
  sampleRate: number;
  /** Bytes. */
  size: number;
  /** When the file was last written, milliseconds since 1970. */
  modified: number;
}

/** A header and what is around it: nearly always all that is read of a file. */
const atOnce = 4096;

/**
 * Reads how long a WAV or FLAC file is without decoding it. A FLAC file whose writer did not know its length, as where it
 * wrote to a pipe, is decoded.
 *
 * @throws Error that says what is wrong with the file, as `decode` does; damage behind the header is not seen
 */
export async function readHeader(path: string): Promise<AudioHeader> {
  const file = await open(path);
  try {
    const { size, mtimeMs } = await file.stat();
    const first = await piece(file, 0, atOnce);
    refuseUnknown(first, size);
    const { frames, sampleRate } = isFlac(first) ? await flacLength(file, first) : await wavLength(file, first, size);
    refuseImplausible(frames, sampleRate);
    return { frames, sampleRate, size, modified: mtimeMs };
  } finally {
    await file.close();
  }
}

type Length = Pick<AudioHeader, "frames" | "sampleRate">;

async function flacLength(file: FileHandle, first: Uint8Array): Promise<Length> {
  const { samples, sampleRate } = readStreamInfo(first.subarray(0, streamInfoBytes));
  if (samples > 0) return { frames: samples, sampleRate };
  const sound = await decode(await file.readFile());
  return { frames: sound.samples.length, sampleRate };
}

async function wavLength(file: FileHandle, first: Uint8Array, size: number): Promise<Length> {
  const search = locateSamples(size);
  for (let step = search.next(); ; ) {
    if (step.done) return { frames: step.value.length, sampleRate: step.value.format.sampleRate };
    const [at, length] = step.value;
    const bytes = at + length <= first.length ? first.subarray(at, at + length) : await piece(file, at, length);
    step = search.next(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}

/** Bytes of a file from `at` on; fewer where it ends. */
async function piece(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
