import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeWav, type LoadProgress, load } from "bestrq/audio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const shipped = fileURLToPath(new URL("../../../data/speech", import.meta.url));
const flac = fileURLToPath(new URL("fixtures/16-bit-2-channel-44100.flac", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq-load-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file, its folders too. */
function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const wav = (samples: number, rate = 16_000) => encodeWav(new Float32Array(samples).fill(0.25), rate);

describe("load()", () => {
  test("finds WAV and FLAC in nested folders, in the order of their paths, whatever the case of their names", async () => {
    write("b/deep/down/two.WAV", wav(1601));
    write("b/one.flac", readFileSync(flac));
    write("a.wav", wav(997, 8000));
    write("B.Flac", readFileSync(flac));
    write("notes.md", "not audio");
    write(".hidden.wav", "not audio either");
    const { utterances, unreadable } = await load(folder);
    expect(utterances.map(({ path }) => path.slice(folder.length + 1))).toEqual([
      "B.Flac",
      "a.wav",
      "b/deep/down/two.WAV",
      "b/one.flac",
    ]);
    expect(utterances.map(({ name }) => name)).toEqual(["B", "a", "two", "one"]);
    expect(utterances.map(({ waveform }) => waveform.length)).toEqual([366, 1994, 1601, 366]);
    expect(utterances[1].seconds).toBe(1994 / 16_000);
    expect(unreadable).toEqual([]);
  });

  test("names each file that it cannot read, and why, without losing the others", async () => {
    write("good.wav", wav(800));
    write("empty.wav", "");
    write("text.flac", "once upon a time");
    write("cut.wav", wav(800).subarray(0, 500));
    symlinkSync(join(folder, "nowhere.wav"), join(folder, "broken-link.wav"));
    const { utterances, unreadable } = await load(folder);
    expect(utterances.map(({ name }) => name)).toEqual(["good"]);
    const reasons = new Map(unreadable.map(({ path, reason }) => [path.slice(folder.length + 1), reason]));
    expect(reasons.size).toBe(4);
    expect(reasons.get("empty.wav")).toMatch(/must not be empty/);
    expect(reasons.get("text.flac")).toMatch(/must be WAV or FLAC, got one that begins with "once upo"/);
    expect(reasons.get("cut.wav")).toMatch(/cut short/);
    expect(reasons.get("broken-link.wav")).toMatch(/ENOENT/);
  });

  test("follows links, and is not caught in a circle of them", async () => {
    write("real/one.wav", wav(160));
    symlinkSync(folder, join(folder, "real", "round"));
    symlinkSync(join(folder, "real"), join(folder, "again"));
    const { utterances } = await load(folder);
    expect(utterances.map(({ name }) => name)).toEqual(["one"]);
  });

  test("takes one file", async () => {
    write("only.wav", wav(160));
    write("only.txt", "hello there\n");
    write("other.wav", wav(160));
    const { utterances } = await load(join(folder, "only.wav"));
    expect(utterances.map(({ name, text }) => [name, text])).toEqual([["only", "hello there"]]);
  });

  test("reads transcripts beside a file and from transcripts.tsv", async () => {
    write("x/one.wav", wav(160));
    write("x/two.wav", wav(160));
    write("three.wav", wav(160));
    write("three.txt", "three words here");
    write("four.wav", wav(160));
    write("x/transcripts.tsv", "path\tspeaker\ttext\r\none.wav\tada\tthe first\r\ntwo.wav\t\tthe second\r\n");
    const { utterances } = await load(folder);
    expect(utterances.map(({ name, speaker, text }) => [name, speaker, text])).toEqual([
      ["four", undefined, undefined],
      ["three", undefined, "three words here"],
      ["one", "ada", "the first"],
      ["two", undefined, "the second"],
    ]);
  });

  test("goes on without transcripts that it cannot read", async () => {
    write("one.wav", wav(160));
    write("transcripts.tsv", "path\tspeaker\ttext\none.wav\tada\n");
    const { utterances, unreadable } = await load(folder);
    expect(utterances).toHaveLength(1);
    expect(unreadable[0].reason).toMatch(/three columns, got "one.wav\tada" in line 2/);
  });

  test("says what it found where there is no audio", async () => {
    await expect(load(folder)).rejects.toThrow(`${folder} must hold .wav or .flac files, got nothing`);
    for (const name of ["a.mp3", "b.MP3", "c.txt"]) write(name, "");
    await expect(load(folder)).rejects.toThrow(/got 2 \.mp3, 1 \.txt/);
    await expect(load(join(folder, "missing"))).rejects.toThrow(/a file or folder at .*missing, got ENOENT/);
    write("only.wav", "");
    await expect(load(folder)).rejects.toThrow(
      /at least one file .* got 1 that are not, the first .*only\.wav: .*empty/,
    );
    await expect(load(join(folder, "c.txt"))).rejects.toThrow(/must not be empty/);
  });

  test("tells how far it has come", async () => {
    write("a.wav", wav(8000));
    write("b.wav", "");
    write("c.wav", wav(16_000));
    const heard: LoadProgress[] = [];
    await load(folder, { onProgress: (progress) => heard.push(progress) });
    expect(heard.map(({ done, total, seconds }) => [done, total, seconds])).toEqual([
      [1, 3, 0.5],
      [2, 3, 0.5],
      [3, 3, 1.5],
    ]);
    expect(heard[1].path).toBe(join(folder, "b.wav"));
  });

  test("reads the shipped speech: about a minute, several voices, a text each", async () => {
    const { utterances, unreadable, seconds } = await load(shipped);
    expect(unreadable).toEqual([]);
    expect(seconds).toBeGreaterThan(60);
    expect(seconds).toBeLessThan(75);
    expect(new Set(utterances.map(({ speaker }) => speaker)).size).toBeGreaterThanOrEqual(6);
    for (const { text, waveform, name } of utterances) {
      expect(text, name).toMatch(/^[A-Z].*[.?]$/);
      expect(Math.max(...waveform.subarray(0, 40_000)), name).toBeGreaterThan(0.1);
    }
  });
});

describe("in a notebook", () => {
  const display = Symbol.for("Jupyter.display");
  type Shown = Record<symbol, () => Record<string, string>>;

  test("an Utterance can be heard", async () => {
    write("one.wav", wav(1600));
    write("one.txt", "hello");
    const { utterances } = await load(folder);
    const shown = (utterances[0] as unknown as Shown)[display]();
    expect(shown["text/plain"]).toBe('one (0.10 s): "hello"');
    expect(Buffer.from(shown["audio/wav"], "base64")).toEqual(Buffer.from(wav(1600)));
  });

  test("Recordings say how much there is and what was left out", async () => {
    write("one.wav", wav(16_000));
    write("two.wav", wav(8000));
    write("three.wav", "");
    const shown = ((await load(folder)) as unknown as Shown)[display]();
    expect(shown["text/plain"]).toBe(
      `2 utterances, 1.5 s\n1 file could not be read:\n  ${folder}/three.wav: ` +
        "Cannot decode audio: the file must not be empty, got 0 bytes",
    );
  });
});
