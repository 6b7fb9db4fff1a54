import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeWav, load } from "bestrq/audio";
import { open, parseLibriSpeechPath, type ScanProgress, scan } from "bestrq/corpora";
import { describe, expect, test } from "vitest";
import { emptyFolder, makeLibriSpeech } from "./folders";

const folder = emptyFolder();
const wav = (samples: number, rate = 16_000) => encodeWav(new Float32Array(samples).fill(0.25), rate);
const all = (manifest: Awaited<ReturnType<typeof scan>>) =>
  Array.from({ length: manifest.length }, (_, i) => manifest.at(i));

test("parseLibriSpeechPath() takes a path apart", () => {
  expect(parseLibriSpeechPath("/data/LibriSpeech/train-clean-100/19/198/19-198-0001.flac")).toEqual({
    split: "train-clean-100",
    speaker: "19",
    chapter: "198",
  });
  for (const path of ["dev-clean/84/121/85-121-0001.flac", "84/121/84-121-0001.flac", "a/b/c.flac", ""])
    expect(parseLibriSpeechPath(path)).toBeUndefined();
});

describe("scan()", () => {
  test("knows LibriSpeech: lengths without decoding, speakers, splits and transcripts", async () => {
    makeLibriSpeech(folder.path);
    const manifest = await scan(folder.path);
    expect(manifest.length).toBe(12);
    expect(manifest.skipped).toEqual([]);
    const { utterances } = await load(folder.path);
    for (const [i, utterance] of all(manifest).entries()) {
      expect(utterance.path).toBe(utterances[i].path);
      expect(utterance.seconds).toBe(utterances[i].seconds);
      expect(utterance.text).toBe(utterances[i].text);
      expect(utterance.speaker).toBe(utterances[i].speaker);
      expect(utterance.sampleRate).toBe(16_000);
    }
    expect(manifest.at(0)).toMatchObject({ split: "dev-clean", speaker: "84", text: "SENTENCE 0 OF 121123" });
    expect(manifest.split("train-clean-100").length).toBe(8);
  });

  test("names a split's folder when that alone is scanned", async () => {
    makeLibriSpeech(folder.path);
    const manifest = await scan(join(folder.path, "dev-clean"));
    expect(all(manifest).map(({ split, speaker }) => [split, speaker])).toEqual(Array(4).fill(["dev-clean", "84"]));
  });

  test("takes any folder by the rules of audio.load()", async () => {
    folder.write("a/one.wav", wav(1601, 8000));
    folder.write("a/one.txt", "hello there\n");
    folder.write("b/two.wav", wav(997));
    folder.write("b/transcripts.tsv", "path\tspeaker\ttext\ntwo.wav\tada\tthe second\n");
    folder.write("three.wav", wav(16_000));
    const manifest = await scan(folder.path);
    expect(all(manifest).map(({ frames, sampleRate, speaker, text, split }) => [frames, sampleRate, speaker, text, split])) // biome-ignore format: one line
      .toEqual([
        [1601, 8000, undefined, "hello there", "a"],
        [997, 16_000, "ada", "the second", "b"],
        [16_000, 16_000, undefined, undefined, undefined],
      ]);
  });

  test("says what it skipped and why, also when the manifest is opened later", async () => {
    folder.write("good.wav", wav(800));
    folder.write("empty.wav", "");
    folder.write("text.flac", "once upon a time");
    folder.write("cut.wav", wav(800).subarray(0, 500));
    folder.write("short.flac", "fLaC");
    folder.write("x/transcripts.tsv", "nonsense");
    const manifest = await scan(folder.path);
    expect(manifest.length).toBe(1);
    const reasons = new Map(manifest.skipped.map(({ path, reason }) => [path.slice(folder.path.length + 1), reason]));
    expect(reasons.get("empty.wav")).toMatch(/must not be empty/);
    expect(reasons.get("text.flac")).toMatch(/must be WAV or FLAC, got one that begins with "once upo"/);
    expect(reasons.get("cut.wav")).toMatch(/cut short, its header promises 1600 bytes of samples, got 456/);
    expect(reasons.get("short.flac")).toMatch(/STREAMINFO/);
    expect(reasons.get("x/transcripts.tsv")).toMatch(/first line must be path, speaker, text/);
    expect(open(join(folder.path, "manifest.arrow")).skipped).toEqual(manifest.skipped);
    expect(String(manifest)).toMatch(/5 files were skipped:\n {2}.*transcripts\.tsv: Cannot read/);
  });

  test("tells how far it has come", async () => {
    for (const name of "abc") folder.write(`${name}.wav`, wav(8000));
    folder.write("d.wav", "");
    const heard: ScanProgress[] = [];
    await scan(folder.path, { onProgress: (progress) => heard.push(progress) });
    expect(heard.map(({ done }) => done)).toEqual([1, 2, 3, 4]);
    expect(heard[3]).toEqual({ done: 4, total: 4, seconds: 1.5, skipped: 1 });
  });

  test("says what it found where there is nothing to scan, and leaves no file", async () => {
    await expect(scan(join(folder.path, "missing"))).rejects.toThrow(/missing must be a folder, got ENOENT/);
    folder.write("a.mp3", "");
    await expect(scan(folder.path)).rejects.toThrow(/must hold \.wav or \.flac files, got 1 \.mp3/);
    await expect(scan(join(folder.path, "a.mp3"))).rejects.toThrow(/must be a folder, got a file/);
    folder.write("only.wav", "");
    await expect(scan(folder.path)).rejects.toThrow(/at least one file .* got 1 that are not, the first .*only\.wav/);
    expect(readdirSync(folder.path).sort()).toEqual(["a.mp3", "only.wav"]);
  });

  test("keeps the manifest that is there until the new one is whole", async () => {
    folder.write("one.wav", wav(800));
    await scan(folder.path);
    const before = readFileSync(join(folder.path, "manifest.arrow"));
    writeFileSync(join(folder.path, "one.wav"), "");
    await expect(scan(folder.path)).rejects.toThrow(/at least one file/);
    expect(readFileSync(join(folder.path, "manifest.arrow"))).toEqual(before);
    expect(existsSync(join(folder.path, "one.wav"))).toBe(true);
  });

  test("refuses a place that cannot be written before it looks at anything", async () => {
    folder.write("one.wav", wav(800));
    folder.write("file", "");
    const file = join(folder.path, "file", "manifest.arrow");
    await expect(scan(folder.path, { file })).rejects.toThrow(
      /must be writable, got E\w+; name another place with file/,
    );
  });

  test("finds the corpus where it was moved with its manifest, or where it is told", async () => {
    folder.write("old/one.wav", wav(800));
    await scan(join(folder.path, "old"));
    renameSync(join(folder.path, "old"), join(folder.path, "new"));
    expect(open(join(folder.path, "new/manifest.arrow")).at(0).path).toBe(join(folder.path, "new/one.wav"));
    await scan(join(folder.path, "new"), { file: join(folder.path, "kept/of-new.arrow") });
    const kept = join(folder.path, "kept/of-new.arrow");
    expect(open(kept).at(0).path).toBe(join(folder.path, "new/one.wav"));
    expect(open(kept, { folder: "/elsewhere" }).at(0).path).toBe("/elsewhere/one.wav");
  });
});

describe("open()", () => {
  test("says what is wrong with a file that is no manifest", async () => {
    const file = (name: string) => join(folder.path, name);
    expect(() => open(file("missing.arrow"))).toThrow(/it must be a file that can be read, got ENOENT/);
    folder.write("text.arrow", "once upon a time");
    expect(() => open(file("text.arrow"))).toThrow(/Cannot open the manifest .*text\.arrow/);
    folder.write("one.wav", wav(800));
    await scan(folder.path);
    const whole = readFileSync(file("manifest.arrow"));
    for (const length of [0, 8, 100, 400, whole.length - 30]) {
      folder.write("cut.arrow", whole.subarray(0, length));
      expect(() => open(file("cut.arrow")), `${length} bytes`).toThrow(/Cannot open the manifest .*cut\.arrow/);
    }
    mkdirSync(file("folder.arrow"));
    expect(() => open(file("folder.arrow"))).toThrow(/EISDIR/);
    chmodSync(file("folder.arrow"), 0o755);
  });
});
