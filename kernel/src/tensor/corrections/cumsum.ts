import * as tf from "../tf";

/** TensorFlow.js transposes the gradient where the axis is not the last. It sums in the other direction, no more. */
export const cumsum: tf.GradConfig = {
  kernelName: tf.Cumsum,
  inputsToSave: [],
  gradFunc: (dy, _saved, attributes) => {
    const { axis, exclusive, reverse } = attributes as unknown as {
      axis: number;
      exclusive: boolean;
      reverse: boolean;
    };
    return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
  },
};
