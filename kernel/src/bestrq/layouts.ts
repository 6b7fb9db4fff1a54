// PyTorch's layouts of weights and ours: each a pair, there and back.
import { tf } from "../tensor";

/** The way from the layout of a tensor of theirs to ours, and back. */
export interface Layout {
  readonly layout: (theirs: tf.Tensor) => tf.Tensor;
  /** Takes all parameters of ours that lie in the one tensor, in the order of the table. */
  readonly inverse: (...ours: tf.Tensor[]) => tf.Tensor;
}

/** The same way there and back. */
const both = (way: (x: tf.Tensor) => tf.Tensor): Layout => ({ layout: way, inverse: way });

export const same = both((x) => x.clone());

/** Linear: [outputs, inputs] ↔ [inputs, outputs]. */
export const transposed = both((x) => x.transpose());

/** Linear by head: [heads, outputs, inputs] ↔ [heads, inputs, outputs]. */
export const swapped = both((x) => x.transpose([0, 2, 1]));

/** The same values read with the axes' lengths exchanged: [d, H] ↔ [H, d], without a transposition. */
export const reread = both((x) => x.reshape([...x.shape].reverse()));

/** [outputs, inputs, frequency, time] ↔ [time, frequency, inputs, outputs]. */
export const convolution2d = both((x) => x.transpose([3, 2, 1, 0]));

/** Convolution over one frame: [outputs, inputs, 1] ↔ [inputs, outputs]. */
export const pointwise: Layout = {
  layout: (x) => x.squeeze([2]).transpose(),
  inverse: (x) => x.transpose().expandDims(2),
};

/** [D, 1, kernel] ↔ [kernel, D]. */
export const depthwise: Layout = {
  layout: (x) => x.squeeze([1]).transpose(),
  inverse: (x) => x.transpose().expandDims(1),
};

/** Linear map of a single head: [outputs, inputs] ↔ [1, inputs, outputs], and its bias [outputs] ↔ [1, outputs]. */
export const singleHead: Layout = {
  layout: (x) => x.transpose().expandDims(0),
  inverse: (x) => x.squeeze([0]).transpose(),
};

/** One of the parts [q | k | v] that in_proj_weight [3D, D] holds head by head ↔ [D, D]; back, it takes all three. */
export const part = (index: number, heads: number): Layout => ({
  layout(x) {
    const width = x.shape[1] as number;
    const rows = x.reshape([heads, 3, width / heads, width]).slice([0, index, 0, 0], [-1, 1, -1, -1]);
    return rows.reshape([width, width]).transpose();
  },
  inverse(...parts) {
    const width = parts[0].shape[0];
    const rows = parts.map((x) => x.transpose().reshape([heads, width / heads, width]));
    return tf.stack(rows, 1).reshape([3 * width, width]);
  },
});
