// The bare loop of pre-training, as measured as a run is, with a hand in what goes wrong.
import type { BestRq, Features } from "bestrq/bestrq";
import { Random, tf } from "bestrq/tensor";
import { AdamW, CodeUse, clip, forwardBackward, noam, type Recipe, type Signature, Watch } from "bestrq/train";

/** What a run looks at, and what is done to it. */
export interface LoopOptions {
  readonly batches: { next(): Features };
  readonly watch?: Watch;
  /** Meddles with the model after each step. */
  after?(model: BestRq, step: number): void | Promise<void>;
}

/** Trains a model for so many steps of a recipe. What was told of them. */
export async function watched(
  model: BestRq,
  recipe: Recipe,
  steps: number,
  { batches, watch = new Watch(recipe), after }: LoopOptions,
): Promise<Signature[]> {
  const { learningRate: peak, warmup, clip: limit } = recipe.optimizer;
  const schedule = noam({ peak, warmup });
  const random = new Random(recipe.seed).fork("loop");
  const optimizer = new AdamW(model.entries().map(([, variable]) => variable));
  const use = new CodeUse(model.config.codes);
  const told: Signature[] = [];
  for (let step = 1; step <= steps; step++) {
    const pass = forwardBackward(model, batches.next(), random);
    const { clipped, norm } = clip(pass.gradients, limit);
    optimizer.step(clipped, schedule(step));
    const values = await Promise.all([pass.loss, norm, pass.targets, pass.guesses].map((tensor) => tensor.data()));
    tf.dispose([clipped, norm, pass.loss, pass.accuracy, pass.targets, pass.guesses]);
    const [[loss], [gradientNorm], targets, guesses] = values;
    use.add(targets, guesses);
    told.push(...watch.step({ step, loss, gradientNorm, ...use.shares(step) }));
    await after?.(model, step);
  }
  optimizer.dispose();
  return told;
}
