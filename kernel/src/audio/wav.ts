// RIFF/WAVE, read and written. Ours, because the libraries at hand trust a header's counts: one small file can end the
// process.

/** What a file holds, its channels mixed down to one. */
export interface Sound {
  /** Mono, in [-1, 1]. */
  samples: Float32Array;
  /** In Hz. */
  sampleRate: number;
}

interface Format {
  float: boolean;
  channels: number;
  sampleRate: number;
  bytesPerSample: number;
}

const pcm = 1;
const ieeeFloat = 3;
const extensible = 0xfffe;
/** From here on, a size is what a program writes that cannot go back to its header: a pipe (SoX, FFmpeg). */
const unknownSize = 0x7ffff000;

/** Whether these bytes begin like a WAV file. */
export const isWav = (bytes: Uint8Array) => ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WAVE";

/** Where a WAV file holds its samples, and of which kind. */
export interface WavLayout {
  readonly format: Format;
  /** The first byte of the samples. */
  readonly start: number;
  /** Samples of each channel. */
  readonly length: number;
}

/**
 * Finds the samples of a WAV file from as few of its bytes as it takes: asks for pieces of the file, which are shorter
 * where the file ends.
 *
 * @param fileBytes how long the file is
 * @throws Error where it holds none, or ends before its header says
 */
export function* locateSamples(fileBytes: number): Generator<[at: number, length: number], WavLayout, DataView> {
  const riffSize = (yield [0, 12]).getUint32(4, true);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= fileBytes; ) {
    const chunk = yield [at, 8 + 40];
    const name = ascii(new Uint8Array(chunk.buffer, chunk.byteOffset, 4), 0, 4);
    const size = chunk.getUint32(4, true);
    const start = at + 8;
    if (name === "fmt ") format = readFormat(chunk, 8, size);
    if (name === "data") {
      if (!format) throw new Error("Cannot decode WAV: the fmt chunk must come before the data chunk, got none");
      const streamed = size >= unknownSize && riffSize >= unknownSize;
      if (!streamed && start + size > fileBytes)
        throw new Error(
          `Cannot decode WAV: the file is cut short, its header promises ${size} bytes of samples, ` +
            `got ${fileBytes - start}`,
        );
      const bytes = Math.min(size, fileBytes - start);
      return { format, start, length: Math.floor(bytes / (format.channels * format.bytesPerSample)) };
    }
    at = start + size + (size % 2); // chunks begin at even offsets
  }
  throw new Error(`Cannot decode WAV: it must hold a data chunk, got none in ${fileBytes} bytes`);
}

/**
 * Decodes a WAV file: PCM of 8, 16, 24 or 32 bits, float of 32 or 64, any number of channels, also in the form
 * WAVE_FORMAT_EXTENSIBLE.
 *
 * @returns the mean of the channels
 * @throws Error on anything else, and when the file ends before its header says
 */
export function decodeWav(bytes: Uint8Array): Sound {
  const view = (at: number, length: number) =>
    new DataView(bytes.buffer, bytes.byteOffset + at, Math.min(length, bytes.length - at));
  const search = locateSamples(bytes.length);
  for (let step = search.next(); ; ) {
    if (step.done) return mixDown(view(0, bytes.length), step.value);
    step = search.next(view(...step.value));
  }
}

/** Encodes mono samples in [-1, 1] as a 16-bit WAV file; what lies outside is clipped. */
export function encodeWav(samples: Float32Array, sampleRate: number): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, letters: string) => bytes.set(new TextEncoder().encode(letters), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, pcm, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  for (let i = 0; i < samples.length; i++)
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(32768 * samples[i]))), true);
  return bytes;
}

function readFormat(view: DataView, start: number, size: number): Format {
  if (size < 16 || start + Math.min(size, 40) > view.byteLength)
    throw new Error(`Cannot decode WAV: the fmt chunk must hold at least 16 bytes, got ${view.byteLength - start}`);
  let code = view.getUint16(start, true);
  const channels = view.getUint16(start + 2, true);
  const sampleRate = view.getUint32(start + 4, true);
  const blockBytes = view.getUint16(start + 12, true);
  const bits = view.getUint16(start + 14, true);
  if (code === extensible && size >= 40) code = view.getUint16(start + 24, true); // the sub-format's first two bytes
  if (code !== pcm && code !== ieeeFloat)
    throw new Error(
      `Cannot decode WAV: samples must be PCM (format 1) or float (format 3), got format ${code}; convert it with ` +
        "`sox IN.wav -e signed -b 16 OUT.wav`",
    );
  const float = code === ieeeFloat;
  const bytesPerSample = blockBytes / channels;
  const known = float ? [4, 8] : [1, 2, 3, 4];
  if (!known.includes(bytesPerSample) || bits > 8 * bytesPerSample || bits <= 8 * (bytesPerSample - 1))
    throw new Error(
      `Cannot decode WAV: ${float ? "float samples have 32 or 64" : "PCM samples have 8, 16, 24 or 32"} bits, ` +
        `got ${bits} bits in blocks of ${blockBytes} bytes for ${channels} channels`,
    );
  return { float, channels, sampleRate, bytesPerSample };
}

function mixDown(view: DataView, { format, start, length }: WavLayout): Sound {
  const { channels, bytesPerSample, sampleRate } = format;
  const read = reader(view, format);
  const samples = new Float32Array(length);
  let at = start;
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at += bytesPerSample) sum += read(at);
    samples[i] = sum / channels;
  }
  return { samples, sampleRate };
}

function reader(view: DataView, { float, bytesPerSample }: Format): (at: number) => number {
  if (float) return bytesPerSample === 4 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  switch (bytesPerSample) {
    case 1:
      return (at) => (view.getUint8(at) - 128) / 2 ** 7; // the only width without a sign
    case 2:
      return (at) => view.getInt16(at, true) / 2 ** 15;
    case 3:
      return (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23;
    default:
      return (at) => view.getInt32(at, true) / 2 ** 31;
  }
}

const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
