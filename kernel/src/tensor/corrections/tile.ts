import * as tf from "../tf";

/**
 * The gradient of repetition is the sum over the repetitions. TensorFlow.js slices and adds them one by one, up to rank 4: a
 * summary that is told to all frames of an hour took 180,000 ops a layer. Here it is one sum of any rank.
 */
export const tile: tf.GradConfig = {
  kernelName: tf.Tile,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], { reps }) => {
    const axes: number[] = [];
    const lengths: number[] = []; // of dy: a repeated axis becomes two, and those that are not stay together
    let isOpen = false;
    for (const [axis, times] of (reps as number[]).entries()) {
      if (times !== 1) {
        axes.push(lengths.length);
        lengths.push(times);
        isOpen = false;
      }
      if (isOpen) lengths[lengths.length - 1] *= x.shape[axis];
      else lengths.push(x.shape[axis]);
      isOpen = true;
    }
    const gradient = () => {
      const apart = tf.reshape(dy as tf.Tensor, lengths);
      return tf.reshape(axes.length === 0 ? apart : tf.sum(apart, axes), x.shape);
    };
    return { x: gradient };
  },
};
