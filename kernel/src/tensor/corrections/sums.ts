import * as tf from "../tf";

/**
 * The gradient of a sum or mean goes to each number that it was made of: dy times ones. TensorFlow.js lists these ones
 * in JavaScript, as many as there are numbers, and copies them to the device; here the device fills them in.
 */
export const sums: tf.GradConfig[] = [spread(tf.Sum, () => 1), spread(tf.Mean, (size) => size)];

function spread(kernelName: string, divisor: (size: number) => number): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const axes = tf.util.parseAxisParam(attributes.axis as number | number[], x.shape);
      const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
      const count = divisor(axes.reduce((product, axis) => product * x.shape[axis], 1));
      const gradient = () => {
        const each = tf.mul(tf.reshape(dy as tf.Tensor, kept), tf.fill(x.shape, 1));
        return count === 1 ? each : tf.div(each, count);
      };
      return { x: gradient };
    },
  };
}
