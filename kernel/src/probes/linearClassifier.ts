// The linear classifier on a weighted sum of states.
import { jit, tf } from "../tensor";
import { AdamW, gradientsOf } from "../train";
import { weightedSum } from "./weightedSum";

/** States of U utterances, averaged over time, and what each utterance is. */
export interface Examples {
  /** [S, U, D]: S states, such as the L + 1 of an encoder. */
  readonly states: tf.Tensor3D;
  /** One for each of the U utterances. */
  readonly labels: readonly string[];
}

/** How {@link trainClassifier} goes: the same for every encoder that is compared. */
export interface ClassifierOptions {
  /** Passes over all examples (default 200). */
  readonly steps?: number;
  /** Of Adam at the first step; it falls linearly to 0 (default 0.05). */
  readonly learningRate?: number;
  /** λ of the penalty λ/2 · ‖W‖² on the classifier's matrix (default 1e-4). */
  readonly penalty?: number;
}

/** What a probe learns. All zero at first. */
interface Weights {
  /** [S]: `softmax` gives each state's share. */
  readonly w: tf.Variable<tf.Rank.R1>;
  /** [D, classes] */
  readonly weight: tf.Variable<tf.Rank.R2>;
  /** [classes] */
  readonly bias: tf.Variable<tf.Rank.R1>;
}

/** Mean and deviation of each number over the training examples, [S, 1, D]. */
interface Scale {
  readonly mean: tf.Tensor3D;
  readonly deviation: tf.Tensor3D;
}

/** A trained classifier. */
export class LinearClassifier {
  constructor(
    /** What it tells apart, in alphabetical order. */
    readonly classes: readonly string[],
    private readonly scale: Scale,
    private readonly weights: Weights,
  ) {}

  /** The label that it finds most likely, of each utterance of [S, U, D]. */
  async guess(states: tf.Tensor3D): Promise<string[]> {
    const best = tf.tidy(() => this.logits(states).argMax(1));
    const indices = await best.data();
    best.dispose();
    return Array.from(indices, (index) => this.classes[index]);
  }

  /** [U, classes]; the caller disposes them. */
  logits(states: tf.Tensor3D): tf.Tensor2D {
    return tf.tidy(() => logitsOf(this.weights, standardised(this.scale, states)));
  }

  /** Each state's share of the sum. */
  async layerWeights(): Promise<number[]> {
    const shares = tf.tidy(() => tf.softmax(this.weights.w));
    const values = await shares.data();
    shares.dispose();
    return [...values];
  }

  dispose(): void {
    tf.dispose([Object.values(this.scale), Object.values(this.weights)]);
  }
}

/**
 * Trains a linear classifier on the sum of states, weighted by `softmax(w)` with w learnt along, by Adam on all examples
 * at once; nothing is drawn at random. The numbers of each state are standardised by the training examples, so that the
 * same penalty and learning rate suit every encoder.
 *
 * @throws RangeError where states and labels do not fit, or there are fewer than two labels
 */
export async function trainClassifier(
  { states, labels }: Examples,
  { steps = 200, learningRate = 0.05, penalty = 1e-4 }: ClassifierOptions = {},
): Promise<LinearClassifier> {
  const classes = [...new Set(labels)].sort();
  if (states.rank !== 3 || states.shape[1] !== labels.length || classes.length < 2)
    throw new RangeError(
      "Cannot train a probe: states [S, U, D] must have one label for each of U utterances, and at least two different " +
        `ones, got [${states.shape}] and ${labels.length} labels (${classes.slice(0, 5).join(", ")})`,
    );
  const [count, , width] = states.shape;
  const zeros = <R extends tf.Rank>(...shape: number[]) => tf.tidy(() => tf.variable(tf.zeros<R>(shape as never)));
  const weights: Weights = { w: zeros(count), weight: zeros(width, classes.length), bias: zeros(classes.length) };
  const scale = scaleOf(states);
  const [x, right] = tf.tidy(() => [standardised(scale, states), oneHot(labels, classes)] as const);
  const lossOf = (weights: Weights, x: tf.Tensor3D, right: tf.Tensor2D) => {
    const logits = logitsOf(weights, x);
    const crossEntropy = tf.logSumExp(logits, -1).sub(logits.mul(right).sum(-1)).mean();
    const size = weights.weight.square().sum(); // ‖W‖²
    return crossEntropy.add(size.mul(penalty / 2)) as tf.Scalar;
  };
  const loss = jit(lossOf, { patient: true });
  const variables = Object.values(weights);
  const adam = new AdamW(variables, { beta2: 0.999, weightDecay: 0 });
  for (let step = 0; step < steps; step++) {
    const { value, gradients } = gradientsOf(() => loss(weights, x, right), variables);
    adam.step(gradients, learningRate * (1 - step / steps));
    tf.dispose([value, gradients]);
    if (step % 16 === 0) await new Promise((resolve) => setImmediate(resolve)); // an interrupt is heard in between
  }
  adam.dispose();
  loss.dispose();
  tf.dispose([x, right]);
  return new LinearClassifier(classes, scale, weights);
}

function logitsOf({ w, weight, bias }: Weights, x: tf.Tensor3D): tf.Tensor2D {
  return weightedSum(w, x).matMul(weight).add(bias) as tf.Tensor2D;
}

/** [U, classes] */
function oneHot(labels: readonly string[], classes: readonly string[]): tf.Tensor2D {
  const indices = labels.map((label) => classes.indexOf(label));
  return tf.oneHot(tf.tensor1d(indices, "int32"), classes.length).cast("float32") as tf.Tensor2D;
}

function scaleOf(states: tf.Tensor3D): Scale {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(states, 1, true);
    return { mean: mean as tf.Tensor3D, deviation: variance.sqrt().maximum(1e-6) as tf.Tensor3D };
  });
}

const standardised = ({ mean, deviation }: Scale, states: tf.Tensor3D): tf.Tensor3D =>
  tf.tidy(() => states.sub(mean).div(deviation));
