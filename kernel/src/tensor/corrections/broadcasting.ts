import * as tf from "../tf";

/** TensorFlow.js forgets to sum these gradients over the axes along which an input was repeated. */
export const broadcasting = [tf.BatchMatMul, tf.SquaredDifference, tf.Minimum, tf.Maximum].map(
  (kernelName): tf.GradConfig => {
    const general = tf.getGradient(kernelName);
    return {
      ...general,
      gradFunc: (dy, saved, attributes) => {
        const gradients = general.gradFunc(dy, saved, attributes);
        const [a, b] = saved;
        return { a: () => summed(gradients.a(), a.shape), b: () => summed(gradients.b(), b.shape) };
      },
    };
  },
);

function summed(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.backend_util.getReductionAxes(shape, gradient.shape);
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}
