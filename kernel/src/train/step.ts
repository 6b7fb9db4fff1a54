import type { BestRq, Features } from "../bestrq";
import { Random, span, tf } from "../tensor";
import type { AdamW } from "./adamw";
import { clip, gradientsOf } from "./gradients";

/** How {@link trainingStep} goes. */
export interface StepOptions {
  /** Decides mask, dropout and layer drop. */
  readonly random: Random;
  readonly learningRate: number;
  /** Joint norm that gradients are clipped to (default 10, the paper's). */
  readonly clip?: number;
}

/** One step of pre-training: forward, back, gradients clipped, parameters moved. Scalars that the caller disposes. */
export function trainingStep(
  model: BestRq,
  batch: Features,
  optimizer: AdamW,
  { random, learningRate, clip: limit = 10 }: StepOptions,
): { loss: tf.Scalar; accuracy: tf.Scalar; norm: tf.Scalar } {
  const { loss, accuracy, targets, guesses, gradients } = forwardBackward(model, batch, random);
  tf.dispose([targets, guesses]);
  const norm = span("optimizer", () => {
    const { clipped, norm } = clip(gradients, limit);
    optimizer.step(clipped, learningRate);
    tf.dispose(clipped);
    return norm;
  });
  return { loss, accuracy, norm };
}

/** What one pass over a batch gives: scalars and, in the order of `model.entries()`, the gradients. */
export interface Pass {
  readonly loss: tf.Scalar;
  readonly accuracy: tf.Scalar;
  /** Codes of the masked frames, int32 [B, M]: what they are, and what the model takes them for. See {@link CodeUse}. */
  readonly targets: tf.Tensor2D;
  readonly guesses: tf.Tensor2D;
  readonly gradients: tf.Tensor[];
  /** Frees all of them. */
  dispose(): void;
}

/** A forward and a backward pass over a batch, masked by `random`; nothing is updated. The caller disposes the result. */
export function forwardBackward(model: BestRq, batch: Features, random = new Random(1)): Pass {
  const pass = tf.tidy(() => {
    const mask = model.drawMask(batch, random);
    let result: ReturnType<BestRq["loss"]> | undefined;
    const { value, gradients } = gradientsOf(
      () => {
        result = model.loss(batch, mask, random);
        for (const seen of [result.accuracy, result.targets, result.guesses]) tf.keep(seen);
        return result.loss;
      },
      model.entries().map(([, variable]) => variable),
    );
    return { ...(result as NonNullable<typeof result>), loss: value, gradients };
  });
  const { loss, accuracy, targets, guesses, gradients } = pass;
  return { ...pass, dispose: () => tf.dispose([loss, accuracy, targets, guesses, ...gradients]) };
}
