import * as libflac from "libflacjs/dist/libflac.min.js"; // asm.js: its WebAssembly build does not load in Node
import type { Sound } from "./wav";

/** Whether these bytes begin like a FLAC file. */
export const isFlac = (bytes: Uint8Array) => String.fromCharCode(...bytes.subarray(0, 4)) === "fLaC";

/**
 * Decodes a FLAC file of 8, 16 or 24 bits with libFLAC, which also checks the samples against the header's MD5.
 *
 * @returns the mean of the channels
 * @throws Error when the file is damaged or ends before its header says
 */
export async function decodeFlac(bytes: Uint8Array): Promise<Sound> {
  const header = readStreamInfo(bytes);
  if (!libflac.isReady()) await new Promise<void>((ready) => libflac.on("ready", () => ready()));

  const decoder = libflac.create_libflac_decoder(true);
  const parts: Float32Array[] = [];
  let [read, decoded, damage] = [0, 0, ""];
  const feed = (most: number) => {
    const buffer = bytes.slice(read, read + most);
    read += buffer.length;
    return { buffer, readDataLength: buffer.length, error: false };
  };
  const take = (channels: Uint8Array[], { bitsPerSample }: { bitsPerSample: number }) => {
    if (bitsPerSample !== header.bits) {
      damage ||= `a block of ${bitsPerSample} bits`;
      return false;
    }
    parts.push(mixDown(channels, header.bits));
    decoded += parts[parts.length - 1].length;
    return header.samples > 0 && decoded > header.samples ? false : undefined; // no more than the header promises
  };
  try {
    libflac.init_decoder_stream(decoder, feed, take, (_, reason) => {
      damage ||= String(reason);
    });
    libflac.FLAC__stream_decoder_process_until_end_of_stream(decoder);
    if (!libflac.FLAC__stream_decoder_finish(decoder)) damage ||= "wrong MD5";
  } finally {
    libflac.FLAC__stream_decoder_delete(decoder);
  }
  const complete = header.samples === 0 || decoded === header.samples; // 0: the writer did not know
  if (damage || !complete)
    throw new Error(
      `Cannot decode FLAC: the file is damaged or cut short, its header promises ${header.samples || "some"} samples, ` +
        `got ${decoded}${damage && ` (${damage})`}`,
    );
  const samples = new Float32Array(decoded);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return { samples, sampleRate: header.sampleRate };
}

/** Bytes that {@link readStreamInfo} needs. */
export const streamInfoBytes = 42;

/** The header's own account, https://www.rfc-editor.org/rfc/rfc9639#name-streaminfo; 0 samples: the writer did not know. */
export function readStreamInfo(bytes: Uint8Array): { samples: number; sampleRate: number; bits: number } {
  if (bytes.length < streamInfoBytes || (bytes[4] & 0x7f) !== 0)
    throw new Error(`Cannot decode FLAC: it must begin with a STREAMINFO block, got ${bytes.length} bytes without one`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = view.getUint32(18); // sample rate, 20 bits; channels, 3; bits, 5; the first 4 of the samples
  const bits = ((packed >>> 4) & 0x1f) + 1;
  if (bits !== 8 && bits !== 16 && bits !== 24)
    throw new Error(`Cannot decode FLAC: samples must have 8, 16 or 24 bits, got ${bits}`);
  return { sampleRate: packed >>> 12, bits, samples: (packed & 0x0f) * 2 ** 32 + view.getUint32(22) };
}

/** The mean of a block's channels: little-endian integers, widened to 16 or 32 bits. */
function mixDown(channels: Uint8Array[], bits: number): Float32Array {
  const Integers = bits === 24 ? Int32Array : Int16Array; // what every machine that Node runs on has, little-endian
  const samples = new Float32Array(channels[0].length / Integers.BYTES_PER_ELEMENT);
  for (const bytes of channels) {
    const integers = new Integers(bytes.buffer as ArrayBuffer, bytes.byteOffset, samples.length);
    for (let i = 0; i < samples.length; i++) samples[i] += integers[i];
  }
  const scale = 1 / (channels.length * 2 ** (bits - 1));
  for (let i = 0; i < samples.length; i++) samples[i] *= scale;
  return samples;
}
