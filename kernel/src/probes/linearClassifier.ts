// The linear classifier on a weighted sum of states, and how it is trained for one strength of its penalty.
import { jit, tf } from "../tensor";
import { AdamW, gradientsOf } from "../train";
import { weightedSum } from "./weightedSum";

/** States of U utterances, averaged over time, and what each utterance is. */
export interface Examples {
  /** [S, U, D]: S states, such as the L + 1 of an encoder. */
  readonly states: tf.Tensor3D;
  readonly labels: readonly string[];
}

/** How {@link train} goes. */
export interface TrainOptions {
  /** Passes over all examples. */
  readonly steps: number;
  /** Of Adam at the first step; it falls linearly to 0. */
  readonly learningRate: number;
  /** λ of the penalty λ/2 · ‖W‖² on the classifier's matrix. */
  readonly penalty: number;
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

  /** Mean cross-entropy, in nats. */
  async loss({ states, labels }: Examples): Promise<number> {
    const loss = tf.tidy(() => crossEntropy(this.logits(states), oneHot(labels, this.classes)));
    const [value] = await loss.data();
    loss.dispose();
    return value;
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

  private logits(states: tf.Tensor3D): tf.Tensor2D {
    return logitsOf(this.weights, standardised(this.scale, states));
  }
}

/** Trains a classifier by Adam on all examples at once; nothing in it is drawn at random. */
export async function train(
  { states, labels }: Examples,
  classes: readonly string[],
  { steps, learningRate, penalty }: TrainOptions,
): Promise<LinearClassifier> {
  const [count, , width] = states.shape;
  const zeros = <R extends tf.Rank>(...shape: number[]) => tf.tidy(() => tf.variable(tf.zeros<R>(shape as never)));
  const weights: Weights = { w: zeros(count), weight: zeros(width, classes.length), bias: zeros(classes.length) };
  const scale = scaleOf(states);
  const [x, right] = tf.tidy(() => [standardised(scale, states), oneHot(labels, classes)] as const);
  const loss = jit((weights: Weights, x: tf.Tensor3D, right: tf.Tensor2D) => {
    const size = weights.weight.square().sum();
    return crossEntropy(logitsOf(weights, x), right).add(size.mul(penalty / 2)) as tf.Scalar;
  });
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

/** Logits and one-hot labels, both [U, classes]. */
const crossEntropy = (logits: tf.Tensor2D, right: tf.Tensor2D): tf.Scalar =>
  tf.logSumExp(logits, -1).sub(logits.mul(right).sum(-1)).mean() as tf.Scalar;

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
