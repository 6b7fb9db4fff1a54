import { tf } from "../tensor";

/**
 * Hidden states as one: their sum, each weighted by its share of `softmax(w)`, as the MP3S benchmark gives them to its
 * probes. Differentiable in both.
 *
 * @param w one number a state [S]; zeros weigh all alike
 * @param states [S, ...], such as the L + 1 hidden states of an encoder
 * @returns [...]
 * @throws TypeError where there is not one weight for each state
 */
export function weightedSum(w: tf.Tensor1D, states: tf.Tensor): tf.Tensor {
  const [count, ...rest] = states.shape;
  if (w.shape.length !== 1 || w.shape[0] !== count)
    throw new TypeError(
      `Cannot weigh hidden states of shape [${states.shape}]: there must be one weight for each, got [${w.shape}]`,
    );
  return tf.tidy(() => tf.matMul(tf.softmax(w).expandDims(0), states.reshape([count, -1])).reshape(rest));
}
