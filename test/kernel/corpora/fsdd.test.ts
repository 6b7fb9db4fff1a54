import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeWav } from "bestrq/audio";
import { loadDigits, parseDigitName } from "bestrq/corpora";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const recordings = fileURLToPath(new URL("../../../../shared/data/fsdd/recordings", import.meta.url));
const speakers = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq-fsdd-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("parseDigitName() takes a name apart", () => {
  expect(parseDigitName("7_theo_31.wav")).toEqual({ digit: 7, speaker: "theo", index: 31, split: "train" });
  expect(parseDigitName("some/where/0_george_4.wav")).toEqual({ digit: 0, speaker: "george", index: 4, split: "test" });
  expect(parseDigitName("3_lucas_5")?.split).toBe("train");
  for (const name of ["12_theo_1.wav", "x_theo_1.wav", "7_theo.wav", "7_theo_a.wav", ""])
    expect(parseDigitName(name)).toBeUndefined();
});

describe("loadDigits()", () => {
  /** 60 recordings: the real ones where they are at hand, tones otherwise. */
  function fill(): void {
    for (const [s, speaker] of speakers.entries())
      for (let digit = 0; digit < 10; digit++) {
        const name = `${digit}_${speaker}_${s}.wav`;
        const tone = () => Float32Array.from({ length: 3001 + 97 * digit }, (_, i) => 0.3 * Math.sin(i / (3 + s)));
        if (existsSync(recordings)) copyFileSync(join(recordings, name), join(folder, name));
        else writeFileSync(join(folder, name), encodeWav(tone(), 8000));
      }
  }

  test("gives each recording its speaker and text, at 16 kHz", async () => {
    fill();
    const { utterances, unreadable } = await loadDigits(folder);
    expect(unreadable).toEqual([]);
    expect(utterances).toHaveLength(60);
    expect(new Set(utterances.map(({ speaker }) => speaker))).toEqual(new Set(speakers));
    expect(utterances.find(({ name }) => name === "7_theo_4")?.text).toBe("seven");
    for (const { seconds, waveform } of utterances) {
      expect(seconds).toBeGreaterThan(0.1);
      expect(seconds).toBeLessThan(2.5);
      expect(waveform.some((value) => Math.abs(value) > 0.01)).toBe(true);
    }
  });

  test("gives one split alone", async () => {
    fill();
    expect((await loadDigits(folder, { split: "test" })).utterances).toHaveLength(50);
    expect((await loadDigits(folder, { split: "train" })).utterances.map(({ speaker }) => speaker)).toEqual(
      Array(10).fill("yweweler"),
    );
  });

  test("says when the folder holds other recordings", async () => {
    writeFileSync(join(folder, "hello.wav"), encodeWav(new Float32Array(160), 16_000));
    await expect(loadDigits(folder)).rejects.toThrow(
      /must hold files named \{digit\}_\{speaker\}_\{index\}\.wav, got none/,
    );
  });
});
