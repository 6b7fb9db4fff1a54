// What the loop of a run adds to a bare training step: batches, sums, metrics, files. Base model, in turns.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { featureBatch, filterbank, Utterance } from "bestrq/audio";
import { inMemory } from "bestrq/corpora";
import { backend, jit, Random, tf } from "bestrq/tensor";
import { AdamW, Recipe, run, trainingStep } from "bestrq/train";
import { expect, test } from "vitest";
import { keepResult } from "./results";

const rounds = 7;
const seconds = 12;

test("the loop adds at most 5 % to a bare step of a base model", async () => {
  const { deviceName, threads } = await backend.use("tensorflow");
  const random = new Random(1);
  const utterances = Array.from({ length: rounds + 3 }, (_, index) => {
    const waveform = Float32Array.from({ length: 16_000 * seconds }, () => random.next() - 0.5);
    return new Utterance({ path: `${index}.wav`, name: String(index), waveform });
  });
  const recipe = new Recipe({
    mixer: "summarymixing",
    size: "base",
    steps: rounds + 2,
    model: { layerDrop: 0 }, // every step does the same work
    batches: { seconds, buckets: 1 },
    accumulation: 1,
    validation: { every: 0 },
    checkpoints: { every: 0 },
  });
  const folder = mkdtempSync(join(tmpdir(), "loop-"));
  const underway = await run(recipe, inMemory(utterances), { out: join(folder, "run") });
  const { model } = underway;
  const optimizer = new AdamW(
    model.entries().map(([, variable]) => variable),
    recipe.optimizer,
  );
  const features = filterbank(utterances[0].waveform);
  const batch = featureBatch([features], { multiple: 128 }); // the length that the run pads to
  const bareStep = async () => {
    const { loss, accuracy, norm } = trainingStep(model, batch, optimizer, { random, learningRate: 1e-6 });
    await Promise.all([loss.data(), accuracy.data(), norm.data()]);
    tf.dispose([loss, accuracy, norm]);
  };
  const steady = jit.steady();
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  const steps = underway[Symbol.asyncIterator]();
  const [bare, loop]: [number[], number[]] = [[], []];
  try {
    for (let round = -2; round < rounds; round++) {
      const both = [await timed(bareStep), await timed(() => steps.next())];
      if (round < 0) continue; // compiles
      bare.push(both[0]);
      loop.push(both[1]);
    }
  } finally {
    await steps.return(undefined);
    steady();
    tf.dispose([features, batch.features]);
    optimizer.dispose();
    underway.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
  const added = median(loop) / median(bare) - 1;
  const [least, leastLoop] = [Math.min(...bare), Math.min(...loop)];
  console.log({ bare, loop, added });
  keepResult("loop", {
    device: deviceName,
    threads,
    mixer: "summarymixing",
    size: "base",
    secondsOfAudio: seconds,
    bare,
    loop,
    added,
    addedToBest: leastLoop / least - 1,
  });
  expect(loop).toHaveLength(rounds);
  expect([...bare, ...loop].every((value) => value > 0)).toBe(true);
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
