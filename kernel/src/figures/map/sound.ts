// Sound that a figure carries along: FLAC, which every browser decodes.
import * as libflac from "libflacjs/dist/libflac.min.js"; // asm.js: its WebAssembly build does not load in Node
import type { MapAlong } from "./terms";

/** A recording as a figure stores it. */
export interface PackedSound {
  /** Samples a second. */
  readonly rate: number;
  readonly samples: number;
  /** A FLAC file. */
  readonly bytes: Uint8Array;
}

/** Samples that a saved figure has room for, about 250 kB; longer recordings are told more coarsely. */
const mostSamples = 500_000;
/** Kept of the loudest sample, sign included: four bits a sample are left of speech, and no hiss is heard. */
const keptBits = 10;
const bits = 16;
const effort = 5; // of 8; more takes twice as long and saves a hundredth

/** Mono, from -1 to 1. */
export async function packSound({ samples, rate }: NonNullable<MapAlong["audio"]>): Promise<PackedSound> {
  const each = Math.ceil(samples.length / mostSamples);
  const kept = rounded(mean(samples, each));
  return { rate: rate / each, samples: kept.length, bytes: await flac(kept, Math.round(rate / each)) };
}

/** The mean of so many samples each. */
const mean = (samples: ArrayLike<number>, each: number): Float32Array =>
  Float32Array.from({ length: Math.floor(samples.length / each) }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < each; j++) sum += samples[i * each + j];
    return sum / each;
  });

/** As integers with zeros where the lowest bits were, which cost nothing in FLAC. */
function rounded(samples: Float32Array): Int32Array<ArrayBuffer> {
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(Math.min(1, loudest) * 2 ** bits)) - keptBits);
  const most = 2 ** (bits - 1) - step;
  return Int32Array.from(samples, (sample) => {
    return Math.max(-most, Math.min(most, Math.round((sample * 2 ** (bits - 1)) / step) * step));
  });
}

async function flac(samples: Int32Array<ArrayBuffer>, rate: number): Promise<Uint8Array> {
  if (!libflac.isReady()) await new Promise<void>((ready) => libflac.on("ready", () => ready()));
  const encoder = libflac.create_libflac_encoder(rate, 1, bits, effort, samples.length, false);
  const parts: Uint8Array[] = [];
  try {
    libflac.init_encoder_stream(encoder, (part) => void parts.push(part.slice()), undefined);
    if (!libflac.FLAC__stream_encoder_process(encoder, [samples], samples.length))
      throw new Error(`Cannot store the sound: its rate must be one that FLAC knows, got ${rate} Hz`);
    libflac.FLAC__stream_encoder_finish(encoder);
  } finally {
    libflac.FLAC__stream_encoder_delete(encoder);
  }
  return Buffer.concat(parts);
}
