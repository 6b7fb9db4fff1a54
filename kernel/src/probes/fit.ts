// A probe: the linear classifier with a penalty that a part of the training examples chose.
import { Random, tf } from "../tensor";
import { type Examples, type LinearClassifier, train } from "./linearClassifier";

/** How {@link fit} goes. */
export interface FitOptions {
  /** Strengths λ of the penalty λ/2 · ‖W‖²; the one with the least loss on the validation part is taken. */
  readonly penalties?: readonly number[];
  /** Share of the training examples of each label that choose the penalty (default 0.1). */
  readonly validation?: number;
  /** Passes over all examples (default 300). */
  readonly steps?: number;
  /** Of Adam at the first step, falling linearly to 0 (default 0.05). */
  readonly learningRate?: number;
  /** Decides which examples validate (default 1). */
  readonly seed?: number;
}

/** A trained probe; the caller disposes its classifier. */
export interface Fitted {
  readonly classifier: LinearClassifier;
  /** The penalty it was trained with. */
  readonly penalty: number;
}

/**
 * Trains a linear classifier on the sum of states, weighted by `softmax(w)` with w learnt along and zero at first. The
 * numbers of each state are standardised over the training examples, so that one penalty and one learning rate suit every
 * encoder. Where several penalties are given, a part of the examples chooses, and all of them then train.
 *
 * @throws RangeError where states and labels do not fit, or there are fewer than two labels
 */
export async function fit(examples: Examples, options: FitOptions = {}): Promise<Fitted> {
  const { penalties = [1e-4, 1e-3, 1e-2], validation = 0.1, steps = 300, learningRate = 0.05, seed = 1 } = options;
  const classes = classesOf(examples);
  const trained = (part: Examples, penalty: number) => train(part, classes, { steps, learningRate, penalty });
  let penalty = penalties[0];
  if (penalties.length > 1) {
    const parts = split(examples, validation, new Random(seed).fork("validation"));
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of penalties) {
      const classifier = await trained(parts.rest, candidate);
      const loss = await classifier.loss(parts.validation);
      classifier.dispose();
      if (loss < least) [least, penalty] = [loss, candidate];
    }
    tf.dispose([parts.rest.states, parts.validation.states]);
  }
  return { classifier: await trained(examples, penalty), penalty };
}

function classesOf({ states, labels }: Examples): string[] {
  const classes = [...new Set(labels)].sort();
  if (states.rank !== 3 || states.shape[1] !== labels.length || classes.length < 2)
    throw new RangeError(
      "Cannot train a probe: states [S, U, D] must have one label for each of U utterances, two different ones at " +
        `least, got [${states.shape}] and ${labels.length} labels (${classes.slice(0, 5).join(", ")})`,
    );
  return classes;
}

/** Sets a share of the examples of each label aside. The caller disposes the states of both parts. */
function split({ states, labels }: Examples, share: number, random: Random): { rest: Examples; validation: Examples } {
  const chosen = new Set(
    [...new Set(labels)].sort().flatMap((label) => {
      const own = labels.flatMap((one, index) => (one === label ? index : []));
      return random.choose(own.length, Math.round(share * own.length)).map((index) => own[index]);
    }),
  );
  const part = (indices: number[]): Examples => ({
    states: tf.tidy(() => states.gather(tf.tensor1d(indices, "int32"), 1)),
    labels: indices.map((index) => labels[index]),
  });
  const all = [...labels.keys()];
  if (chosen.size === 0 || chosen.size === all.length)
    throw new RangeError(
      `Cannot choose a penalty on a share of ${share} of ${all.length} examples: ` +
        "it must leave some on both sides. Give more examples, or one penalty",
    );
  return { rest: part(all.filter((index) => !chosen.has(index))), validation: part([...chosen]) };
}
