import { cpSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { encodeWav, load, logMel } from "bestrq/audio";
import { scan, source } from "bestrq/corpora";
import { Random } from "bestrq/tensor";
import { describe, expect, test } from "vitest";
import { emptyFolder, makeLibriSpeech } from "./folders";

const folder = emptyFolder();

describe("source()", () => {
  test("gives what audio.load() and the filterbank give, in the order asked for, on any number of threads", async () => {
    makeLibriSpeech(folder.path);
    const manifest = await scan(folder.path);
    const { utterances } = await load(folder.path);
    const order = [7, 0, 11, 3, 3, 5, 1];
    const wanted = order.map((index) => logMel(utterances[index].waveform));
    for (const workers of [1, 3]) {
      const reading = source(manifest, { workers });
      const [some, none, rest] = await Promise.all([
        reading.load(order.slice(0, 4)),
        reading.load([]),
        reading.load(order.slice(4)),
      ]);
      await reading.close();
      expect(none).toEqual({ features: [], mels: 80, skipped: [] });
      const got = [...some.features, ...rest.features];
      expect(got.length).toBe(order.length);
      for (const [i, features] of got.entries()) expect(features, `${workers} threads, ${i}`).toEqual(wanted[i]);
      expect(reading.seconds[7]).toBe(utterances[7].seconds);
      expect(some.skipped).toEqual([]);
    }
  });

  test("names what is gone, changed or damaged since the scan, and reads the others", async () => {
    makeLibriSpeech(folder.path);
    const manifest = await scan(folder.path);
    const path = (index: number) => manifest.at(index).path;
    rmSync(path(1));
    cpSync(path(3), path(2));
    const damaged = new Random(1);
    const bytes = Uint8Array.from({ length: manifest.at(4).size }, () => damaged.integer(256));
    writeFileSync(path(4), bytes);
    utimesSync(path(4), new Date(), new Date(manifest.at(4).modified)); // as a disk that fails leaves it
    utimesSync(path(5), new Date(), new Date(0));
    const reading = source(manifest, { workers: 2, mels: 13 });
    const { features, mels, skipped } = await reading.load([0, 1, 2, 3, 4, 5, 6]);
    await reading.close();
    expect(features.length).toBe(3);
    expect(mels).toBe(13);
    for (const [i, index] of [0, 3, 6].entries())
      expect(features[i].length).toBe(13 * (1 + Math.floor(manifest.at(index).frames / 160)));
    expect(skipped.map((one) => one.path)).toEqual([1, 2, 4, 5].map(path));
    expect(skipped[0].reason).toBe("the file is gone");
    expect(skipped[1].reason).toMatch(/has changed since it was scanned: it had \d+ bytes of .* scan the folder again/);
    expect(skipped[2].reason).toMatch(/must be WAV or FLAC|Cannot decode/);
    expect(skipped[3].reason).toMatch(/got \d+ of 1970-01-01T00:00:00/);
  });

  test("names a FLAC file that is damaged in the middle", async () => {
    makeLibriSpeech(folder.path);
    const manifest = await scan(folder.path);
    const { path, modified, size } = manifest.at(0);
    const bytes = new Uint8Array(size).map((_, i) => i % 251);
    const { readFileSync } = await import("node:fs");
    const whole = readFileSync(path);
    whole.set(bytes.subarray(0, 5000), Math.floor(size / 2));
    writeFileSync(path, whole);
    utimesSync(path, new Date(), new Date(modified));
    const reading = source(manifest, { workers: 1 });
    const { features, skipped } = await reading.load([0, 1]);
    await reading.close();
    expect(features.length).toBe(1);
    expect(skipped).toEqual([{ path, reason: expect.stringMatching(/Cannot decode FLAC: the file is damaged/) }]);
  });

  test("is of the same speech as long as names, lengths and order are the same", async () => {
    folder.write("a.wav", encodeWav(new Float32Array(800), 16_000));
    folder.write("b.wav", encodeWav(new Float32Array(900), 16_000));
    const manifest = await scan(folder.path);
    const print = manifest.fingerprint;
    expect((await scan(folder.path)).fingerprint).toBe(print);
    expect(manifest.filter(() => true).fingerprint).toBe(print);
    expect(manifest.filter((_, i) => i === 0).fingerprint).not.toBe(print);
    folder.write("b.wav", encodeWav(new Float32Array(901), 16_000));
    expect((await scan(folder.path)).fingerprint).not.toBe(print);
  });
});
