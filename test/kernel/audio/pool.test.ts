import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeWav, FeaturePool, type KnownFile } from "bestrq/audio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq-pool-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function known(name: string, samples: number): KnownFile {
  const path = join(folder, name);
  writeFileSync(path, encodeWav(new Float32Array(samples).fill(0.1), 16_000));
  const { size, mtimeMs: modified } = statSync(path);
  return { path, size, modified, frames: samples };
}
const threads = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort" || name === "Worker");

describe("FeaturePool", () => {
  test("reads what is asked for, call after call, and says why it cannot", async () => {
    const pool = new FeaturePool({ workers: 2, mels: 7 });
    const files = [known("a.wav", 1600), { ...known("b.wav", 800), frames: 801 }, known("c.wav", 321)];
    const [first, second] = await Promise.all([pool.extract(files), pool.extract([files[2]])]);
    expect(first.map((one) => (typeof one === "string" ? one : one.length))).toEqual([
      77,
      "the file must hold 801 samples, as when it was scanned, got 800",
      21,
    ]);
    expect(second).toEqual([first[2]]);
    await pool.close();
  });

  test("gives up the file at which a thread dies, and goes on with another thread", async () => {
    const pool = new FeaturePool({ workers: 1 });
    const files = [known("a.wav", 16_000 * 600), known("b.wav", 800)];
    const results = pool.extract(files);
    const { workers, taken } = pool as unknown as { workers: { terminate(): Promise<number> }[]; taken: Int32Array };
    await expect.poll(() => Atomics.load(taken, 0), { timeout: 50_000 }).toBe(0);
    await workers[0].terminate();
    const [first, second] = await results;
    expect(first).toBe("the thread that read it died: it ended");
    expect((second as Float32Array).length).toBe(80 * 6);
    await pool.close();
  });

  test("leaves no thread behind, and refuses what comes after", async () => {
    const before = threads().length;
    const pool = new FeaturePool({ workers: 2 });
    const late = pool.extract([known("a.wav", 800)]);
    late.catch(() => {});
    await pool.close();
    await pool.close();
    await expect(pool.extract([])).rejects.toThrow("Cannot read features: the reading was closed");
    await late.catch(({ message }) => expect(message).toMatch(/was closed/));
    expect(threads().length).toBe(before);
  });

  test("refuses numbers that are none", () => {
    expect(() => new FeaturePool({ workers: 0 })).toThrow(/workers must be a whole number from 1, got 0/);
    expect(() => new FeaturePool({ mels: 1.5 })).toThrow(/mels must be a whole number from 1, got 1.5/);
  });
});
