// What averaged states know: a linear classifier trained on one part of a corpus, and tried on the other.
import { type Accuracy, accuracyOf } from "./accuracy";
import { type ClassifierOptions, type Examples, trainClassifier } from "./linearClassifier";

/** How well a probe guesses. */
export interface ProbeResult {
  /** On the test examples, with a 95 % confidence interval. */
  readonly accuracy: Accuracy;
  /** Of each test example, in order: whether it was guessed right. */
  readonly right: readonly boolean[];
  /** What was told apart. */
  readonly classes: readonly string[];
  /** Share of each state in the sum: of an encoder, its blocks' input, then each block's output. */
  readonly layerWeights: readonly number[];
}

/**
 * Trains a probe on one part of averaged states and tries it on the other, which decides nothing. Neither is disposed.
 *
 * @param split states as {@link averageStates} or {@link averageFeatures} give them
 * @throws RangeError where states and labels do not fit, or there are fewer than two labels
 * @example
 * const states = tf.tensor3d([[[1, 2], [2, 1], [3, 5], [5, 4]]]); // one state of four utterances, two numbers each
 * const examples = { states, labels: ["low", "low", "high", "high"] };
 * const { accuracy } = await probes.linear({ train: examples, test: examples });
 * states.dispose();
 * accuracy.share; // 1
 */
export async function linear(
  { train, test }: { readonly train: Examples; readonly test: Examples },
  options: ClassifierOptions = {},
): Promise<ProbeResult> {
  const classifier = await trainClassifier(train, options);
  try {
    const guesses = await classifier.guess(test.states);
    const right = guesses.map((guess, index) => guess === test.labels[index]);
    return {
      accuracy: accuracyOf(right),
      right,
      classes: classifier.classes,
      layerWeights: await classifier.layerWeights(),
    };
  } finally {
    classifier.dispose();
  }
}
