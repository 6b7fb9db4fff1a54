import { linear } from "bestrq/probes";
import { type ClassifierOptions, trainClassifier } from "bestrq/probes/linearClassifier";
import { Random, tf } from "bestrq/tensor";
import { describe, expect, test } from "vitest";
import { backends, useBackend } from "../tensor/backends";

const [utterances, width] = [31, 5];
const names = ["b", "c", "a"];

/** States of one number vector an utterance, whose first numbers lean towards the label. */
function examples(seed: number, { states = 1, informed = 0 } = {}) {
  const random = new Random(seed);
  const labels = Array.from({ length: utterances }, () => names[random.integer(3)]);
  const noise = tf.tidy(() => [...random.normal([states * utterances * width], 0, 1).dataSync()]);
  labels.forEach((label, u) => {
    noise[(informed * utterances + u) * width + names.indexOf(label)] += 1.5;
  });
  return { states: tf.tensor3d(noise, [states, utterances, width]), labels };
}

/** The least loss, by gradient descent in plain JavaScript from standardised numbers: logits, less each row's mean. */
function reference(values: ArrayLike<number>, labels: string[], penalty: number): number[] {
  const classes = [...names].sort();
  const x = Array.from({ length: utterances }, (_, u) =>
    Array.from({ length: width }, (_, d) => values[u * width + d]),
  );
  for (let d = 0; d < width; d++) {
    const mean = x.reduce((sum, row) => sum + row[d], 0) / utterances;
    const deviation = Math.sqrt(x.reduce((sum, row) => sum + (row[d] - mean) ** 2, 0) / utterances);
    for (const row of x) row[d] = (row[d] - mean) / deviation;
  }
  const weight = classes.map(() => Array(width).fill(0) as number[]);
  const bias = classes.map(() => 0);
  const logits = (row: number[]) => classes.map((_, c) => weight[c].reduce((sum, v, d) => sum + v * row[d], bias[c]));
  for (let step = 0; step < 5000; step++) {
    const slopes = x.map((row, u) => {
      const exponentials = logits(row).map(Math.exp);
      const total = exponentials.reduce((sum, value) => sum + value);
      return exponentials.map((value, c) => (value / total - Number(labels[u] === classes[c])) / utterances);
    });
    for (const [c, row] of weight.entries()) {
      for (let d = 0; d < width; d++)
        row[d] -= 0.5 * (penalty * row[d] + slopes.reduce((sum, slope, u) => sum + slope[c] * x[u][d], 0));
      bias[c] -= 0.5 * slopes.reduce((sum, slope) => sum + slope[c], 0);
    }
  }
  return x.flatMap((row) => centred(logits(row)));
}

const centred = (row: number[]) => row.map((value) => value - row.reduce((sum, one) => sum + one, 0) / row.length);

describe.each(backends)("on %s", (name) => {
  test("trainClassifier() reaches the least loss of penalised logistic regression", async () => {
    await useBackend(name);
    const before = tf.memory().numTensors;
    const { states, labels } = examples(1);
    const options: ClassifierOptions = { steps: 600, learningRate: 0.05, penalty: 0.02 };
    const classifier = await trainClassifier({ states, labels }, options);
    expect(classifier.classes).toEqual(["a", "b", "c"]);
    const logits = classifier.logits(states);
    const got = (logits.arraySync() as number[][]).flatMap(centred);
    const expected = reference(states.dataSync(), labels, 0.02);
    for (const [index, value] of expected.entries()) expect(Math.abs(got[index] - value)).toBeLessThan(5e-3);
    classifier.dispose();
    tf.dispose([logits, states]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("linear() finds the state that knows, tells what it guessed right, and leaves nothing behind", async () => {
    await useBackend(name);
    const before = tf.memory().numTensors;
    const [train, test] = [1, 2].map((seed) => examples(seed, { states: 3, informed: 1 }));
    const result = await linear({ train, test }, { steps: 100, penalty: 0.05 });
    expect(result.classes).toEqual(["a", "b", "c"]);
    expect(result.layerWeights).toHaveLength(3);
    expect(result.layerWeights[1]).toBeGreaterThan(0.6);
    expect(result.right).toHaveLength(utterances);
    expect(result.accuracy.share).toBe(result.right.filter(Boolean).length / utterances);
    expect(result.accuracy.share).toBeGreaterThan(0.6); // by chance a third
    expect(await linear({ train, test }, { steps: 100, penalty: 0.05 })).toEqual(result);
    tf.dispose([train.states, test.states]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("linear() learns nothing from the test examples", async () => {
  await useBackend("wasm");
  const [train, test, other] = [1, 2, 3].map((seed) => examples(seed));
  const learnt = async (test: typeof train) => (await linear({ train, test }, { steps: 20 })).layerWeights;
  const classifier = await trainClassifier(train, { steps: 20 });
  const alone = await classifier.guess(test.states);
  const { right } = await linear({ train, test }, { steps: 20 });
  expect(right).toEqual(alone.map((guess, index) => guess === test.labels[index]));
  expect(await learnt(test)).toEqual(await learnt(other));
  classifier.dispose();
  tf.dispose([train.states, test.states, other.states]);
});

test("linear() refuses examples that do not fit", async () => {
  await useBackend("wasm");
  const { states, labels } = examples(1);
  const fault = (labels: string[]) => expect(linear({ train: { states, labels }, test: { states, labels } })).rejects;
  await fault(labels.slice(1)).toThrow("got [1,31,5] and 30 labels (a, b, c)");
  await fault(labels.map(() => "a")).toThrow("at least two different ones, got [1,31,5] and 31 labels (a)");
  states.dispose();
});
