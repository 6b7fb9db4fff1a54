import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tableToIPC } from "apache-arrow";
import { encodeWav } from "bestrq/audio";
import { open, scan } from "bestrq/corpora";
import { tableOf } from "bestrq/corpora/columns";
import { describe, expect, test } from "vitest";
import { emptyFolder, makeLibriSpeech } from "./folders";

const folder = emptyFolder();
const rowsOf = (manifest: { length: number; at(i: number): { path: string } }) =>
  Array.from({ length: manifest.length }, (_, i) => manifest.at(i).path);

describe("Manifest", () => {
  test("selects splits and by any rule, and keeps lengths with their utterances", async () => {
    makeLibriSpeech(folder.path);
    const manifest = await scan(folder.path);
    const train = manifest.split("train-clean-100");
    expect(train.length).toBe(8);
    expect(manifest.split("dev-clean", "train-clean-100").length).toBe(12);
    const ofOne = train.filter(({ speaker }) => speaker === "26");
    expect(rowsOf(ofOne).every((path) => path.includes("/26/495/26-495-"))).toBe(true);
    for (let i = 0; i < ofOne.length; i++) expect(ofOne.seconds[i]).toBe(ofOne.at(i).frames / 16_000);
    expect(() => manifest.split("test-clean")).toThrow(/must be one of dev-clean, train-clean-100, got "test-clean"/);
    expect(() => manifest.at(12)).toThrow(/its number must be 0 to 11, got 12/);
  });

  test("holds out a share, the same for the same seed, with nothing lost or twice", async () => {
    for (let i = 0; i < 23; i++) folder.write(`${i}.wav`, encodeWav(new Float32Array(160 + i), 16_000));
    const manifest = await scan(folder.path);
    const { training, heldOut } = manifest.holdOut(0.2, 7);
    expect([training.length, heldOut.length]).toEqual([18, 5]);
    expect([...rowsOf(training), ...rowsOf(heldOut)].sort()).toEqual(rowsOf(manifest).sort());
    expect(rowsOf(manifest.holdOut(0.2, 7).heldOut)).toEqual(rowsOf(heldOut));
    expect(rowsOf(manifest.holdOut(0.2, 8).heldOut)).not.toEqual(rowsOf(heldOut));
    expect(manifest.holdOut(0.001).heldOut.length).toBe(1);
    for (const share of [0, 1, -1, Number.NaN]) expect(() => manifest.holdOut(share)).toThrow(RangeError);
    const shuffled = manifest.shuffled(3);
    expect(rowsOf(shuffled)).not.toEqual(rowsOf(manifest));
    expect(rowsOf(shuffled).sort()).toEqual(rowsOf(manifest).sort());
    expect(rowsOf(manifest.shuffled(3))).toEqual(rowsOf(shuffled));
  });

  test("shows what there is of each split", async () => {
    makeLibriSpeech(folder.path);
    const shown = String(await scan(folder.path)).split("\n");
    expect(shown[0]).toBe(`${folder.path}: 12 utterances`);
    expect(shown[1]).toMatch(/split +utterances +hours +speakers +rates \(Hz\) +shortest \(s\) +longest \(s\)/);
    expect(shown.slice(3).map((line) => line.split(/ +/).slice(0, 2))).toEqual([
      ["dev-clean", "4"],
      ["train-clean-100", "8"],
      ["all", "12"],
    ]);
  });

  test("holds a million utterances as columns: opens, shuffles and finds them again", () => {
    const count = 1_000_003;
    const rows = Array.from({ length: count }, (_, i) => ({
      path: `train/${i % 2003}/${i}.flac`,
      frames: 32_000 + (i % 9973),
      rate: 16_000,
      speaker: String(i % 2003),
      text: `SENTENCE ${i}`,
      split: "train",
      size: i,
      modified: 1e12 + i,
    }));
    const facts = { format: "bestrq manifest 1", folder: ".", skipped: [] };
    const stored = new Map(Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value)]));
    const file = join(folder.path, "million.arrow");
    writeFileSync(file, tableToIPC(tableOf(rows, stored), "file"));
    const began = performance.now();
    const manifest = open(file);
    const opened = performance.now();
    const shuffled = manifest.shuffled(5);
    console.log(`opened in ${Math.round(opened - began)} ms, shuffled in ${Math.round(performance.now() - opened)} ms`);
    expect(shuffled.length).toBe(count);
    for (const i of [0, 1, 4711, count - 1]) {
      const { path, frames, text, speaker, size } = shuffled.at(i);
      expect(text).toBe(`SENTENCE ${size}`);
      expect(speaker).toBe(String(size % 2003));
      expect(frames).toBe(32_000 + (size % 9973));
      expect(path).toBe(join(folder.path, `train/${size % 2003}/${size}.flac`));
    }
    expect(new Set(shuffled.seconds).size).toBe(9973);
  });
});
