import * as tf from "../tf";

/**
 * TensorFlow.js drops what flows into the padding. It belongs to the rows that the padding mirrors: along each axis the
 * two margins are turned round and added to the middle.
 */
export const mirrorPad: tf.GradConfig = {
  kernelName: tf.MirrorPad,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => {
    const { paddings, mode } = attributes as unknown as { paddings: [number, number][]; mode: "reflect" | "symmetric" };
    const folded = () =>
      paddings.reduce((gradient, padding, axis) => {
        const size = x.shape[axis];
        return fold(gradient, axis, padding, size, mode === "reflect" ? 1 : 0);
      }, dy as tf.Tensor);
    return { x: folded };
  },
};

/** @param skipped Rows at the border that are not mirrored. */
function fold(dy: tf.Tensor, axis: number, padding: [number, number], size: number, skipped: number): tf.Tensor {
  const [before, after] = padding;
  if (before === 0 && after === 0) return dy;
  const [first, middle, last] = tf.split(dy, [before, size, after], axis);
  const mirrored = (margin: tf.Tensor, rows: number, offset: number): tf.Tensor =>
    tf.pad(
      tf.reverse(margin, axis),
      dy.shape.map((_, i) => (i === axis ? [offset, size - rows - offset] : [0, 0])) as [number, number][],
    );
  return tf.addN([middle, mirrored(first, before, skipped), mirrored(last, after, size - after - skipped)]);
}
