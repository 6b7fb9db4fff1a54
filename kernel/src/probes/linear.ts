// What a frozen encoder knows: train a linear probe on one split of a corpus, and try it on the other.
import { filterbank, GlobalNormalisation, type Recordings, type Utterance } from "../audio";
import type { BestRq } from "../bestrq";
import { tf } from "../tensor";
import { type Accuracy, accuracyOf } from "./accuracy";
import { averageFeatures, averageStates } from "./averages";
import { type FitOptions, fit } from "./fit";
import type { Examples } from "./linearClassifier";

/** What a probe is asked for: who speaks, what is said, or the label that a function gives an utterance. */
export type Target = "speaker" | "text" | ((utterance: Utterance) => string);

/** How {@link linear} goes. */
export interface LinearOptions extends FitOptions {
  /** What the probe learns from. */
  readonly train: Recordings | readonly Utterance[];
  /** What it is tried on, and nothing else is. */
  readonly test: Recordings | readonly Utterance[];
  readonly target: Target;
  /** What the encoder was pre-trained with, such as `FeatureBatches.normalisation` (default: learnt from `train`). */
  readonly normalisation?: GlobalNormalisation;
}

/** How well a probe guesses. */
export interface ProbeResult {
  /** On the test split, with a 95 % confidence interval. */
  readonly accuracy: Accuracy;
  /** Of each utterance of the test split, in order: whether it was guessed right. */
  readonly right: readonly boolean[];
  /** What was told apart. */
  readonly classes: readonly string[];
  /** Share of each hidden state in the sum: the blocks' input, then each block's output. */
  readonly layerWeights: readonly number[];
  /** The penalty that the validation part chose. */
  readonly penalty: number;
}

/**
 * How well a linear classifier tells utterances apart by a frozen encoder's hidden states: averaged over time, summed by
 * learnt weights. The test split decides nothing.
 *
 * @param source the encoder, or `filterbank`: the features' own time average, which an encoder should beat
 * @throws RangeError where an utterance has no such label
 * @example
 * const [train, test] = [await corpora.loadDigits(path, { split: "train" }), await corpora.loadDigits(path, { split: "test" })];
 * const { accuracy } = await probes.linear(model, { train, test, target: "text", normalisation: batches.normalisation });
 * console.log(accuracy.share, accuracy.low, accuracy.high);
 */
export async function linear(source: BestRq | "filterbank", options: LinearOptions): Promise<ProbeResult> {
  const { target, normalisation } = options;
  const [train, test] = [utterancesOf(options.train), utterancesOf(options.test)];
  const [trainLabels, testLabels] = [labelsOf(train, target), labelsOf(test, target)];
  const mels = source === "filterbank" ? 80 : source.config.mels;
  const features = featuresOf([...train, ...test], train.length, { mels, normalisation });
  const states = source === "filterbank" ? averageFeatures(features) : await averageStates(source, features);
  tf.dispose(features);
  const part = (from: number, count: number) => states.slice([0, from, 0], [-1, count, -1]);
  const split = {
    train: { states: part(0, train.length), labels: trainLabels },
    test: { states: part(train.length, test.length), labels: testLabels },
  };
  states.dispose();
  try {
    return await probe(split, options);
  } finally {
    tf.dispose([split.train.states, split.test.states]);
  }
}

/** Trains a probe on one part of averaged states and tries it on the other. Neither is disposed. */
export async function probe(
  { train, test }: { readonly train: Examples; readonly test: Examples },
  options: FitOptions = {},
): Promise<ProbeResult> {
  const { classifier, penalty } = await fit(train, options);
  const guesses = await classifier.guess(test.states);
  const right = guesses.map((guess, index) => guess === test.labels[index]);
  const { classes } = classifier;
  const layerWeights = await classifier.layerWeights();
  classifier.dispose();
  return { accuracy: accuracyOf(right), right, classes, layerWeights, penalty };
}

/** The label of each utterance. */
export function labelsOf(utterances: readonly Utterance[], target: Target): string[] {
  return utterances.map((utterance) => {
    const label = typeof target === "function" ? target(utterance) : utterance[target];
    if (label === undefined)
      throw new RangeError(
        `Cannot probe for the ${typeof target === "function" ? "label" : target}: ${utterance.name} has none. Leave it out`,
      );
    return label;
  });
}

/** Normalised features of each utterance, which the caller disposes; without a normalisation, the first `learn` teach it. */
export function featuresOf(
  utterances: readonly Utterance[],
  learn: number,
  { mels, normalisation }: { readonly mels: number; readonly normalisation?: GlobalNormalisation },
): tf.Tensor2D[] {
  const raw = utterances.map(({ waveform }) => filterbank(waveform, { mels }));
  const used = normalisation ?? new GlobalNormalisation();
  if (!normalisation) for (const one of raw.slice(0, learn)) used.update(one);
  const features = raw.map((one) => used.apply(one));
  tf.dispose(raw);
  if (!normalisation) used.dispose();
  return features;
}

const utterancesOf = (given: Recordings | readonly Utterance[]): readonly Utterance[] =>
  "utterances" in given ? given.utterances : given;
