// The experiment on spoken digits: one of its trials again, beside what data/results keeps of it.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeWav } from "bestrq/audio";
import { digits, margin, readDigits } from "bestrq/probes";
import { backend } from "bestrq/tensor";
import { expect, test } from "vitest";
import { keepResult } from "./results";

const recordings = fileURLToPath(new URL("../../../shared/data/fsdd/recordings", import.meta.url));
const kept = fileURLToPath(new URL("../../data/results/probes-fsdd.json", import.meta.url));

test("pre-training teaches SummaryMixing to tell digits apart, and as the kept results say where there are some", async () => {
  await backend.use("tensorflow");
  const alone = !existsSync(recordings);
  const folder = alone ? tones() : recordings;
  const { settings, rows: known } = existsSync(kept) ? readDigits(kept) : { settings: {}, rows: undefined };
  const trial = { mixers: ["summarymixing"], seeds: [1] } as const;
  const { rows } = await digits(folder, { ...settings, ...(alone ? { steps: 50 } : {}), ...trial });
  if (alone) rmSync(folder, { recursive: true });
  const digit = (source: string) => rows.find((row) => row.source === source && row.target === "digit");
  const [trained, random] = [digit("pre-trained"), digit("random weights")];
  keepResult("probes", { alone, trained, random });
  if (alone) return expect(trained?.accuracy).toBeGreaterThan(0.5); // of ten
  const guesses = (row = trained) => [[...(row?.right ?? "")].map((one) => one === "1")];
  expect(margin(guesses(trained), guesses(random)).low).toBeGreaterThan(0);
  if (!known) return;
  for (const row of rows) {
    const same = known.find(
      ({ source, target, mixer, seed }) =>
        source === row.source && target === row.target && mixer === row.mixer && seed === row.seed,
    );
    // other machines round otherwise, and hundreds of steps carry it on
    expect(Math.abs(row.accuracy - (same?.accuracy ?? 2)), `${row.source}, ${row.target}`).toBeLessThan(0.04);
  }
});

/** Where the checkout stands alone: three "speakers" whose digits are tones. */
function tones(): string {
  const folder = mkdtempSync(join(tmpdir(), "bestrq-probes-"));
  for (let digit = 0; digit < 10; digit++)
    for (let speaker = 0; speaker < 3; speaker++)
      for (let index = 0; index < 15; index++) {
        const waveform = Float32Array.from(
          { length: 3000 + 101 * index },
          (_, i) => 0.3 * Math.sin((i * (1 + digit)) / (11 + speaker)),
        );
        writeFileSync(join(folder, `${digit}_tone${speaker}_${index}.wav`), encodeWav(waveform, 8000));
      }
  return folder;
}
