import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decode, encodeWav } from "bestrq/audio";
import { Random } from "bestrq/tensor";
import { describe, expect, test, vi } from "vitest";
import { WaveFile } from "wavefile";
import { length, mono, tone } from "./tone";

const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));

/** A WAV file of the tone as another library writes it. */
function wav(depth: string, channels: number, rate: number): Buffer {
  const float = depth.endsWith("f");
  const bits = Number.parseInt(depth, 10);
  const samples = Array.from({ length: channels }, (_, channel) =>
    Array.from({ length }, (_, i) => {
      const integer = tone(float ? 16 : bits, channel, i);
      return float ? integer / 2 ** 15 : bits === 8 ? integer + 128 : integer;
    }),
  );
  const file = new WaveFile();
  file.fromScratch(channels, rate, depth === "64f" ? "64" : depth, channels === 1 ? samples[0] : samples);
  return Buffer.from(file.toBuffer());
}

describe("decode() of WAV", () => {
  for (const depth of ["8", "16", "24", "32", "32f", "64f"])
    for (const [channels, rate] of [
      [1, 8000],
      [2, 44_100],
      [3, 16_000],
      [6, 48_000],
    ])
      test(`reads ${depth} bits, ${channels} channels, ${rate} Hz exactly`, async () => {
        const sound = await decode(wav(depth, channels, rate));
        expect(sound.sampleRate).toBe(rate);
        expect(sound.samples.slice(0, length)).toEqual(mono(depth.endsWith("f") ? 16 : Number(depth), channels));
        expect(sound.samples.length).toBe(length);
      });

  test("reads WAVE_FORMAT_EXTENSIBLE", async () => {
    const plain = wav("16", 2, 16_000);
    const format = Buffer.alloc(48);
    format.write("fmt ", 0);
    format.writeUInt32LE(40, 4);
    plain.copy(format, 8, 20, 36);
    format.writeUInt16LE(0xfffe, 8);
    format.writeUInt16LE(1, 32);
    const sound = await decode(Buffer.concat([plain.subarray(0, 12), format, plain.subarray(36)]));
    expect(sound.samples).toEqual(mono(16, 2));
  });

  test("passes over other chunks, with their padding", async () => {
    const plain = wav("16", 1, 16_000);
    const note = Buffer.from("LIST\x03\x00\x00\x00abc\x00", "latin1");
    const sound = await decode(Buffer.concat([plain.subarray(0, 36), note, plain.subarray(36), note]));
    expect(sound.samples).toEqual(mono(16, 1));
  });

  test("reads to the end what was written to a pipe", async () => {
    const piped = wav("16", 1, 16_000);
    piped.writeUInt32LE(0xffffffff, 4);
    piped.writeUInt32LE(0xffffffff, 40);
    expect((await decode(piped)).samples).toEqual(mono(16, 1));
  });

  test("reads back what encodeWav() wrote, and clips", async () => {
    const { samples, sampleRate } = await decode(encodeWav(Float32Array.of(0, 0.5, -1, 1.5, -7), 16_000));
    expect([...samples]).toEqual([0, 0.5, -1, 32767 / 32768, -1]);
    expect(sampleRate).toBe(16_000);
  });
});

describe("decode() of FLAC", () => {
  for (const name of readdirSync(fixtures).filter((name) => name.endsWith(".flac")))
    test(`reads ${name} exactly`, async () => {
      const [bits, channels, rate] = name.match(/\d+/g)!.map(Number);
      const sound = await decode(readFileSync(fixtures + name));
      expect(sound.sampleRate).toBe(rate);
      expect(sound.samples).toEqual(mono(bits, channels));
    });
});

describe("decode() of what is neither", () => {
  const good = wav("16", 1, 16_000);
  const flac = readFileSync(`${fixtures}16-bit-2-channel-44100.flac`);
  const changed = (edit: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(good);
    edit(bytes);
    return bytes;
  };
  const cases: [string, Uint8Array, RegExp][] = [
    ["an empty file", Buffer.alloc(0), /must not be empty/],
    ["text", Buffer.from("Once upon a time"), /must be WAV or FLAC, got one that begins with "Once upo"/],
    ["an MP3 file", Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0]), /must be WAV or FLAC/],
    ["a WAV cut in its header", good.subarray(0, 30), /fmt chunk|data chunk/],
    [
      "a WAV cut in its samples",
      good.subarray(0, 1000),
      /cut short, its header promises 2018 bytes of samples, got 956/,
    ],
    ["a WAV that promises 4 GB", changed((b) => b.writeUInt32LE(0xfffffff0, 40)), /promises 4294967280 bytes/],
    ["a WAV without samples", good.subarray(0, 44).map((v, i) => (i >= 40 ? 0 : v)), /must hold samples/],
    ["a WAV without channels", changed((b) => b.writeUInt16LE(0, 22)), /for 0 channels/],
    ["a WAV of 65535 channels", changed((b) => b.writeUInt16LE(65535, 22)), /for 65535 channels/],
    ["a WAV of 17 bits in 2 bytes", changed((b) => b.writeUInt16LE(17, 34)), /got 17 bits in blocks of 2 bytes/],
    ["a WAV at 0 Hz", changed((b) => b.writeUInt32LE(0, 24)), /sample rate must be 1000 to 384000 Hz, got 0/],
    ["an ADPCM WAV", changed((b) => b.writeUInt16LE(2, 20)), /got format 2/],
    ["a FLAC cut in its header", flac.subarray(0, 30), /STREAMINFO/],
    ["a FLAC cut after its header", flac.subarray(0, 42), /promises 1009 samples, got 0/],
    ["a FLAC cut in its samples", flac.subarray(0, flac.length - 100), /promises 1009 samples/],
  ];
  for (const [what, bytes, reason] of cases)
    test(`says what is wrong with ${what}`, async () => {
      await expect(decode(bytes)).rejects.toThrow(reason);
    });

  test("says that a float sample is no number", async () => {
    const bytes = wav("32f", 1, 16_000);
    bytes.writeFloatLE(Number.NaN, bytes.length - 8);
    await expect(decode(bytes)).rejects.toThrow(/samples must be finite, got NaN/);
  });

  test("survives 600 damaged files: each gives samples or an Error", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {}); // the FLAC library also prints what it found
    const seed = 20261123;
    console.log(`seed ${seed}`);
    const random = new Random(seed);
    const originals = [good, wav("24", 2, 48_000), wav("32f", 1, 8000), flac];
    for (let i = 0; i < 600; i++) {
      const original = originals[i % originals.length];
      const bytes = Buffer.from(original.subarray(0, i % 3 === 0 ? random.integer(original.length) : undefined));
      for (let n = random.integer(8); n > 0 && bytes.length > 0; n--)
        bytes[random.integer(n % 2 ? Math.min(64, bytes.length) : bytes.length)] = random.integer(256);
      const sound = await decode(bytes).catch((error) => error);
      if (sound instanceof Error) expect(sound.message).toMatch(/^Cannot decode /);
      else expect(sound.samples.every((value: number) => Math.abs(value) <= 1)).toBe(true);
    }
    vi.restoreAllMocks();
  });
});
