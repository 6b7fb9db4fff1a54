import * as tf from "../tf";

const comparisons = [tf.Equal, tf.NotEqual, tf.Less, tf.LessEqual, tf.Greater, tf.GreaterEqual];

const zeros: tf.GradConfig["gradFunc"] = (_dy, [a, b]) => ({ a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) });

/**
 * Functions whose values go in steps have the gradient 0. TensorFlow.js gives comparisons none, so that
 * `tf.where(tf.greater(x, 0), x, y)` has no gradient by x, and floorDiv that of a division: right for whole numbers
 * alone, whose division by `tf.div` it is.
 */
export const stepwise: tf.GradConfig[] = [
  ...comparisons.map((kernelName) => ({ kernelName, inputsToSave: ["a", "b"], gradFunc: zeros })),
  floorDiv(tf.getGradient(tf.FloorDiv)),
];

function floorDiv(division: tf.GradConfig): tf.GradConfig {
  return {
    ...division,
    gradFunc: (dy, saved, attributes) => {
      const isWhole = saved.every(({ dtype }) => dtype !== "float32");
      return (isWhole ? division.gradFunc : zeros)(dy, saved, attributes);
    },
  };
}
