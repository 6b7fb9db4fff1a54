import { selectiveScan, tf } from "../tensor";
import type { Agreement } from "./agreement";
import type { Vectors } from "./vectors";

/** In the order of the original's arguments; z gates the output, delta lacks its bias and softplus. */
const inputs = ["u", "delta", "A", "B", "C", "D", "z", "delta_bias"] as const;

/** Sequences are [B, D, T] there, [B, T, D] here. */
const timeFirst = (tensor: tf.Tensor) => tensor.transpose([0, 2, 1]) as tf.Tensor3D;

/** Mamba's scan alone: the output, the last state, and the gradients of all inputs. */
export function checkSelectiveScan(vectors: Vectors, agreement: Agreement): void {
  const given = inputs.filter((name) => vectors.has(name));
  const softplus = !vectors.settings.says("delta_softplus", false);
  const scan = (tensors: readonly tf.Tensor[], outputMap?: (B: tf.Tensor3D) => tf.Tensor3D) => {
    const of = Object.fromEntries(given.map((name, index) => [name, tensors[index]]));
    const biased = of.delta_bias ? timeFirst(of.delta).add(of.delta_bias) : timeFirst(of.delta);
    const step = (softplus ? tf.softplus(biased) : biased) as tf.Tensor3D;
    const skip = (outputMap || !of.D ? tf.zeros([of.A.shape[0]]) : of.D) as tf.Tensor1D;
    const B = timeFirst(of.B);
    const C = outputMap ? outputMap(B) : timeFirst(of.C);
    return selectiveScan(timeFirst(of.u), step, of.A as tf.Tensor2D, B, C, skip);
  };
  const output = (...tensors: tf.Tensor[]) => {
    const y = scan(tensors);
    const gate = given.includes("z") ? timeFirst(tensors[given.indexOf("z")]) : undefined;
    return timeFirst(gate ? y.mul(gate.mul(tf.sigmoid(gate))) : y);
  };

  const tensors = given.map((name) => vectors.tensor(name));
  agreement.output("output", output(...tensors), vectors.tensor("output"));
  if (vectors.has("last_state")) {
    // Our op keeps no state: an output map that is 1 for one state and 0 for the others reads it off.
    const states = tensors[given.indexOf("A")].shape[1] as number;
    const last = Array.from({ length: states }, (_, state) => {
      const only = (B: tf.Tensor3D) => tf.oneHot(tf.fill(B.shape.slice(0, 2), state, "int32"), states);
      const y = scan(tensors, (B) => only(B).cast("float32") as tf.Tensor3D);
      return y.slice([0, y.shape[1] - 1, 0], [-1, 1, -1]).squeeze([1]); // [B, D]
    });
    agreement.output("last_state", tf.stack(last, -1), vectors.tensor("last_state"));
  }
  const outputGradient = vectors.tensor("output_grad");
  const gradients = tf.grads((...each: tf.Tensor[]) =>
    output(...each)
      .mul(outputGradient)
      .sum(),
  )(tensors);
  given.forEach((name, index) => {
    agreement.gradient(name, gradients[index], vectors.tensor(`grad.${name}`));
  });
}
