import type { BestRq, Features } from "../bestrq";
import { Random } from "../tensor";
import { AdamW } from "./adamw";
import { noam } from "./noam";
import { type TrainingStep, trainingSteps } from "./steps";

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
export interface PretrainStep extends TrainingStep {
  /** What guessing blindly would reach: 1 / codes. */
  readonly chance: number;
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
  const {
    steps,
    learningRate: peak = 3e-3,
    warmup = Math.max(1, Math.round(steps / 5)),
    seed = 1,
    clip = 10,
  } = options;
  const schedule = noam({ peak, warmup });
  const random = new Random(seed).fork("pretrain");
  const optimizer = new AdamW(model.entries().map(([, variable]) => variable));
  const chance = 1 / model.config.codes;
  async function* next() {
    yield { index: 0, features: await batches.next() };
  }
  try {
    for await (const step of trainingSteps(model, optimizer, { steps, schedule, clip, random, batches: next })) {
      yield { ...step, chance };
    }
  } finally {
    optimizer.dispose();
  }
}
