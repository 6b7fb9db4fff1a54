import { tf } from "../tensor";

/** The gradients of a scalar with regard to variables, in their order; where it does not depend on one, zeros. */
export function gradientsOf(
  loss: () => tf.Scalar,
  variables: readonly tf.Variable[],
): { value: tf.Scalar; gradients: tf.Tensor[] } {
  const { value, grads } = tf.variableGrads(loss, [...variables]);
  return { value, gradients: variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable)) };
}

/** Scales gradients so that their joint norm is at most `limit`; gives them and the norm before. Disposes what came in. */
export function clip(gradients: tf.Tensor[], limit: number): { clipped: tf.Tensor[]; norm: tf.Scalar } {
  return tf.tidy(() => {
    const norm = tf.addN(gradients.map((gradient) => gradient.square().sum())).sqrt() as tf.Scalar;
    const scale = tf.minimum(1, tf.div(limit, norm.maximum(1e-6)));
    const clipped = gradients.map((gradient) => gradient.mul(scale));
    tf.dispose(gradients);
    return { clipped, norm };
  });
}
