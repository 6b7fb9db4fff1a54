// What a probe on whole utterances reads: hidden states averaged over time, computed once.
import { featureBatch } from "../audio";
import type { BestRq } from "../bestrq";
import { tf } from "../tensor";

/** Feature frames that batches are padded to a multiple of: few lengths, so that each is compiled once. */
const multiple = 32;

/** How {@link averageStates} goes. */
export interface AverageOptions {
  /** Utterances encoded at once (default 64). */
  readonly batchSize?: number;
}

/**
 * The L + 1 hidden states of a frozen encoder, in evaluation mode, each averaged over the frames of its utterance;
 * padding does not count.
 *
 * @param features features [T, mels] of each of the U utterances, normalised as in pre-training
 * @returns [L + 1, U, D], which the caller disposes
 * @throws RangeError where there are no utterances
 */
export async function averageStates(
  model: BestRq,
  features: readonly tf.Tensor2D[],
  { batchSize = 64 }: AverageOptions = {},
): Promise<tf.Tensor3D> {
  refuseNone(features);
  const order = [...features.keys()].sort((a, b) => features[a].shape[0] - features[b].shape[0]); // little padding
  const parts: tf.Tensor3D[] = [];
  for (let from = 0; from < order.length; from += batchSize) {
    const batch = order.slice(from, from + batchSize).map((index) => features[index]);
    parts.push(averagesOf(model, batch));
    await new Promise((resolve) => setImmediate(resolve)); // an interrupt is heard in between
  }
  const places = new Int32Array(order.length);
  for (const [place, index] of order.entries()) places[index] = place;
  return tf.tidy(() => {
    const averages = tf.concat(parts, 1);
    tf.dispose(parts);
    return averages.gather(tf.tensor1d(places, "int32"), 1);
  });
}

function averagesOf(model: BestRq, features: tf.Tensor2D[]): tf.Tensor3D {
  return tf.tidy(() => {
    const batch = featureBatch(features, { multiple });
    const states: tf.Tensor3D[] = [];
    model.encode(batch, { states });
    const frames = batch.lengths.map((length) => model.encoderFrames(length));
    const averages = states.map((state) => timeAverage(state, frames));
    tf.dispose(states);
    return tf.stack(averages) as tf.Tensor3D;
  });
}

/** [B, T, D] → [B, D]: the mean of each utterance's own frames. */
function timeAverage(state: tf.Tensor3D, frames: readonly number[]): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, length] = state.shape;
    const share = new Float32Array(batch * length);
    for (const [index, own] of frames.entries()) share.fill(1 / own, index * length, index * length + own);
    return tf.matMul(tf.tensor3d(share, [batch, 1, length]), state).squeeze([1]) as tf.Tensor2D;
  });
}

/**
 * What a probe reads without any encoder: the features themselves, averaged over time, as one state; `deviation` sets
 * their standard deviation over time beside the mean.
 *
 * @param features features [T, mels] of each of the U utterances
 * @returns [1, U, mels], or [1, U, 2 mels] with the deviation; the caller disposes it
 * @throws RangeError where there are no utterances
 */
export function averageFeatures(
  features: readonly tf.Tensor2D[],
  { deviation = false }: { readonly deviation?: boolean } = {},
): tf.Tensor3D {
  refuseNone(features);
  const read = (one: tf.Tensor2D) => {
    const { mean, variance } = tf.moments(one, 0);
    return deviation ? tf.concat([mean, variance.sqrt()]) : mean;
  };
  return tf.tidy(() => tf.stack(features.map((one) => tf.tidy(() => read(one)))).expandDims(0) as tf.Tensor3D);
}

function refuseNone(features: readonly unknown[]): void {
  if (features.length === 0) throw new RangeError("Cannot average over time: there must be utterances, got none");
}
