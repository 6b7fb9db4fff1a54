// What a model is planned to do: the code that does it.
import type { BestRq, Features } from "../bestrq";
import { Random, tf } from "../tensor";
import { AdamW, trainingStep } from "../train";
import type { Work } from "./foresee";

/** A batch that a model meets, and what it does with it. */
export interface WorkOptions {
  /** Length of each utterance. Features have 100 frames a second. */
  readonly seconds: number;
  /** Utterances at once (default 1), all of that length. */
  readonly batch?: number;
  /**
   * A whole step of pre-training: masking, dropout, forward, back to every parameter, AdamW; no layer dropped. Otherwise
   * inference: front end, encoder and head on all frames (default).
   */
  readonly train?: boolean;
}

/** Feature frames of audio of this length. */
export const framesOf = (seconds: number): number => Math.round(100 * seconds);

/**
 * The work of a model on a batch of zeros.
 *
 * @throws RangeError if there is nothing to work on
 */
export function workOf(model: BestRq, { seconds, batch = 1, train = false }: WorkOptions): Work {
  if (!(seconds >= 0.04 && Number.isFinite(seconds))) {
    throw new RangeError(`Cannot plan: seconds must be a length from 0.04 s, got ${seconds}`);
  }
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new RangeError(`Cannot plan: batch must be a whole number from 1, got ${batch}`);
  }
  const frames = framesOf(seconds);
  const features = tf.fill([batch, frames, model.config.mels], 0) as tf.Tensor3D;
  const input: Features = { features, lengths: new Array<number>(batch).fill(frames) };
  const held: Work["held"] = [...model.entries(), ["features", features]];
  const infer = () => tf.tidy(() => void model.head(model.encode(input)));
  return { held, run: train ? () => step(model, input) : infer };
}

function step(model: BestRq, batch: Features): void {
  const optimizer = new AdamW(model.entries().map(([, variable]) => variable));
  const { loss, accuracy, norm } = trainingStep(model, batch, optimizer, { random: new Random(1), learningRate: 1e-3 });
  tf.dispose([loss, accuracy, norm]);
  optimizer.dispose();
}
