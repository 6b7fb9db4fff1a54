import type { BestRq, Features } from "../bestrq";
import { Random, tf } from "../tensor";
import { AdamW } from "./adamw";
import { noam } from "./noam";
import { trainingStep } from "./step";

/** How {@link pretrain} runs. */
export interface PretrainOptions {
  /** Optimizer steps. */
  readonly steps: number;
  /** Highest learning rate (default 3e-3, for `tiny`; paper: 8e-4). */
  readonly learningRate?: number;
  /** Steps of warm-up (default: a fifth of all; paper: 25,000). */
  readonly warmup?: number;
  /** Largest norm of the gradient (default 10, as in the paper). */
  readonly clip?: number;
  /** Decides masks and dropout (default 1). */
  readonly seed?: number;
}

/** One step of pre-training. */
export interface PretrainStep {
  /** 1, 2, … */
  readonly step: number;
  /** Mean cross-entropy over the masked frames, in nats. */
  readonly loss: number;
  /** Share of masked frames whose code was guessed right. */
  readonly accuracy: number;
  /** What guessing blindly would reach: 1 / codes. */
  readonly chance: number;
  readonly learningRate: number;
  /** Of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** Wall-clock seconds of this step. */
  readonly seconds: number;
}

/**
 * Pre-trains a model on batches, masking each anew, as the paper does: AdamW, Noam's schedule, clipping. Gives each step
 * as it is done, and lets the event loop run in between, so that figures move and interrupts are heard.
 *
 * @param batches asked for one batch a step, such as {@link FeatureBatches}
 * @throws Error where the loss is no longer finite
 * @example
 * for await (const { step, loss, accuracy } of train.pretrain(model, batches, { steps: 100 })) {
 *   console.log(step, loss, accuracy);
 * }
 */
export async function* pretrain(
  model: BestRq,
  batches: { next(): Features | Promise<Features> },
  options: PretrainOptions,
): AsyncGenerator<PretrainStep, void, void> {
  const { steps, learningRate: peak = 3e-3, warmup = Math.max(1, Math.round(steps / 5)), seed = 1 } = options;
  const schedule = noam({ peak, warmup });
  const random = new Random(seed).fork("pretrain");
  const optimizer = new AdamW(model.entries().map(([, variable]) => variable));
  try {
    for (let step = 1; step <= steps; step++) {
      const batch = await batches.next();
      const began = performance.now();
      const learningRate = schedule(step);
      const { loss, accuracy, norm } = trainingStep(model, batch, optimizer, {
        random,
        learningRate,
        clip: options.clip,
      });
      const values = await Promise.all([loss.data(), accuracy.data(), norm.data()]);
      tf.dispose([loss, accuracy, norm]);
      const [[lossValue], [accuracyValue], [gradientNorm]] = values;
      const seconds = (performance.now() - began) / 1000;
      if (!Number.isFinite(lossValue)) {
        throw new Error(
          `Cannot go on training at step ${step}: the loss is ${lossValue}. A lower learning rate or longer warm-up helps`,
        );
      }
      const chance = 1 / model.config.codes;
      yield { step, loss: lossValue, accuracy: accuracyValue, chance, learningRate, gradientNorm, seconds };
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    optimizer.dispose();
  }
}
