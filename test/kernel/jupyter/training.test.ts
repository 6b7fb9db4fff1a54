// A cell that trains, interrupted: it ends after the step it is at, with a checkpoint, and the next cell goes on from there.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client, pause } from "./client";

let client: Client;
const folder = mkdtempSync(join(tmpdir(), "training-"));
beforeAll(async () => {
  client = await Client.start();
});
afterAll(async () => {
  await client.stop();
  rmSync(folder, { recursive: true, force: true });
});

const setUp = (out: string) => `
  import { audio, backend, corpora, Random, train } from "bestrq";
  await backend.use("wasm");
  const random = new Random(3);
  const speech = corpora.inMemory(Array.from({ length: 10 }, (_, index) => new audio.Utterance({
    path: index + ".wav", name: String(index), waveform: Float32Array.from({ length: 8000 }, () => random.next() - 0.5) })));
  const recipe = new train.Recipe({ mixer: "fastformer", size: "tiny", seed: 7, steps: 60,
    model: { channels: [3, 2], width: 12, heads: 2, layers: 1, feedForward: 16, kernel: 5, codes: 32 },
    batches: { seconds: 1.1, buckets: 1, shortest: 0.3 }, validation: { every: 0 }, checkpoints: { every: 60 } });
  const go = async (changes: object) => {
    let seen = 0;
    const run = await train.run(recipe, speech, { out: ${JSON.stringify(out)}, ...changes });
    try { for await (const _ of run) seen++; } finally { run.dispose(); }
    return seen;
  };`;

test("an interrupt saves the step that a run is at, and resuming goes on from there", async () => {
  const out = join(folder, "run");
  expect((await client.execute(setUp(out))).content).toMatchObject({ status: "ok" });
  const rows = () => {
    const file = join(out, "metrics.jsonl");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").filter(Boolean).length : 0;
  };
  const id = await client.submit("await go({})");
  while (rows() < 5) await pause(20);
  await client.ask("interrupt_request", {}, { control: true });
  expect((await client.finished(id)).content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
  const resumed = await client.execute("await go({ resume: true })"); // at once, while the other may still be saving
  expect(resumed.content).toMatchObject({ status: "ok" });
  const done = 60 - Number(resumed.result["text/plain"]);
  expect(done).toBeGreaterThanOrEqual(5);
  expect(done).toBeLessThan(60);
  expect(readdirSync(join(out, "checkpoints"))).toContain(`step-${String(done).padStart(8, "0")}`);
  expect(rows()).toBe(60);
});
