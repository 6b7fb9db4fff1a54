// The loop that everything here trains by: gradients of some batches, their mean over all processes, one move.
import type { BestRq, Features } from "../bestrq";
import { alone, type Communicator, sumGradients } from "../parallel";
import { type Random, span, tf, uninterrupted } from "../tensor";
import type { AdamW } from "./adamw";
import { clip } from "./gradients";
import { forwardBackward } from "./step";

/** One batch of a step, of those that this process computes. */
export interface StepBatch {
  /** Which one of the step's batches, over all processes. */
  readonly index: number;
  /** Stays the giver's. */
  readonly features: Features;
}

/** How {@link trainingSteps} goes. */
export interface StepsOptions {
  /** Steps done before (default 0). */
  readonly after?: number;
  /** The last step. */
  readonly steps: number;
  /** Learning rate of a step. */
  readonly schedule: (step: number) => number;
  /** Joint norm that gradients are clipped to. */
  readonly clip: number;
  /** Decides masks, dropout and layer drop of a batch by its step and index alone. Nothing is drawn from itself. */
  readonly random: Random;
  /** This process's batches of a step. */
  batches(step: number): AsyncIterable<StepBatch> | Iterable<StepBatch>;
  /** Told the codes of the masked frames of each of them. */
  onCodes?(targets: ArrayLike<number>, guesses: ArrayLike<number>): void;
  readonly communicator?: Communicator;
  /** Whether an interrupt waits for the end of what it meets, so that no parameter moves without the others. */
  readonly whole?: boolean;
}

/** What a step was. */
export interface TrainingStep {
  /** 1, 2, … */
  readonly step: number;
  /** Means over the step's batches. */
  readonly loss: number;
  readonly accuracy: number;
  readonly learningRate: number;
  /** Of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** Wall-clock seconds of this step, waiting for its batches included. */
  readonly seconds: number;
}

/**
 * Trains step by step: the gradients of a step's batches are averaged, clipped and given to the optimizer, the same in
 * every process.
 *
 * @throws Error where loss or gradients are no longer finite; nothing has moved in that step then
 */
export async function* trainingSteps(
  model: BestRq,
  optimizer: AdamW,
  options: StepsOptions,
): AsyncGenerator<TrainingStep, void, void> {
  const { after = 0, steps, schedule, clip: limit, communicator = alone, whole = false } = options;
  const atOnce = whole ? uninterrupted : <R>(body: () => R) => body();
  for (let step = after + 1; step <= steps; step++) {
    const began = performance.now();
    const learningRate = schedule(step);
    const { sums, totals } = await gradientSums(model, step, options, atOnce);
    await communicator.sum(totals);
    const [count, loss, accuracy] = totals;
    if (!Number.isFinite(loss) || count === 0) {
      tf.dispose(sums);
      throw count === 0 ? nothingToRead(step) : notFinite(step, "loss", loss);
    }
    const own = count === 1 ? sums : divided(sums, count);
    const gradients = await sumGradients(own, communicator);
    const { clipped, norm } = atOnce(() => span("optimizer", () => clip(gradients, limit)));
    const [gradientNorm] = await norm.data();
    norm.dispose();
    if (!Number.isFinite(gradientNorm)) {
      tf.dispose(clipped);
      throw notFinite(step, "norm of the gradients", gradientNorm);
    }
    atOnce(() => span("optimizer", () => optimizer.step(clipped, learningRate)));
    tf.dispose(clipped);
    const seconds = (performance.now() - began) / 1000;
    await new Promise((resolve) => setImmediate(resolve)); // figures move, interrupts of this step are heard
    yield { step, loss: loss / count, accuracy: accuracy / count, learningRate, gradientNorm, seconds };
  }
}

/** Gradients and [batches, loss, accuracy] of this process's batches, added up. */
async function gradientSums(
  model: BestRq,
  step: number,
  { batches, random, onCodes }: StepsOptions,
  atOnce: <R>(body: () => R) => R,
): Promise<{ sums: tf.Tensor[]; totals: Float64Array<ArrayBuffer> }> {
  const totals = new Float64Array(3);
  let sums: tf.Tensor[] | undefined;
  try {
    for await (const { index, features } of batches(step)) {
      const drawn = random.fork(`step ${step}, batch ${index}`);
      const { loss, accuracy, targets, guesses, gradients } = atOnce(() => forwardBackward(model, features, drawn));
      sums = sums === undefined ? gradients : atOnce(() => added(sums as tf.Tensor[], gradients));
      const read = [loss, accuracy, targets, guesses];
      const [[lossValue], [accuracyValue], codes, guessed] = await Promise.all(read.map((tensor) => tensor.data()));
      tf.dispose(read);
      totals[0]++;
      totals[1] += lossValue;
      totals[2] += accuracyValue;
      onCodes?.(codes, guessed);
    }
  } catch (error) {
    if (sums) tf.dispose(sums);
    throw error;
  }
  return { sums: sums ?? model.entries().map(([, variable]) => tf.zerosLike(variable)), totals };
}

function added(sums: readonly tf.Tensor[], gradients: readonly tf.Tensor[]): tf.Tensor[] {
  return sums.map((sum, index) => {
    const next = tf.add(sum, gradients[index]);
    tf.dispose([sum, gradients[index]]);
    return next;
  });
}

function divided(sums: readonly tf.Tensor[], count: number): tf.Tensor[] {
  return tf.tidy(() => {
    const share = tf.scalar(1 / count);
    return sums.map((sum) => {
      const mean = tf.mul(sum, share);
      sum.dispose();
      return mean;
    });
  });
}

const nothingToRead = (step: number) =>
  new Error(`Cannot go on training at step ${step}: of its utterances, none could be read`);
const notFinite = (step: number, what: string, value: number) =>
  new Error(
    `Cannot go on training at step ${step}: the ${what} is ${value}. A lower learning rate or longer warm-up helps: ` +
      "see kernel/docs/signatures/not-finite.md",
  );
