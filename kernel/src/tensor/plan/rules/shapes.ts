// Kernels that move numbers to other places, or make them out of nothing.
import * as tf from "../../tf";
import { type Described, each, like, listed, type Rule } from "./rule";

const { slice_util: slices, backend_util: util } = tf;

const resized =
  (lengthOf: (length: number, axis: number, attributes: Record<string, never>) => number): Rule =>
  ({ x: { shape, dtype } }, attributes) => ({
    shape: shape.map((length, axis) => lengthOf(length, axis, attributes as Record<string, never>)),
    dtype,
  });

/** The list put together along an axis, where it has so many in all. */
const joined = (parts: readonly Described[], axis: number): Described => {
  const [{ shape, dtype }] = parts;
  const length = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  return { shape: shape.map((own, i) => (i === axis ? length : own)), dtype };
};

const padded = resized((length, axis, { paddings }) => {
  const [before, after] = paddings[axis] as [number, number];
  return before + length + after;
});

const split: Rule = ({ x: { shape, dtype } }, { numOrSizeSplits, axis }) => {
  const [along] = tf.util.parseAxisParam(axis, shape);
  const sizes: number[] = util.prepareSplitSize({ shape } as tf.Tensor, numOrSizeSplits, along);
  return sizes.map((size) => ({ shape: shape.map((length, i) => (i === along ? size : length)), dtype }));
};

const spaceToBatch: Rule = ({ x: { shape, dtype } }, { blockShape, paddings }) => {
  const [batch, ...rest] = shape;
  const inner = rest.map((length, i) =>
    i < blockShape.length ? (length + paddings[i][0] + paddings[i][1]) / blockShape[i] : length,
  );
  return { shape: [batch * tf.util.sizeFromShape(blockShape), ...inner], dtype };
};

const batchToSpace: Rule = ({ x: { shape, dtype } }, { blockShape, crops }) => {
  const [batch, ...rest] = shape;
  const inner = rest.map((length, i) =>
    i < blockShape.length ? length * blockShape[i] - crops[i][0] - crops[i][1] : length,
  );
  return { shape: [batch / tf.util.sizeFromShape(blockShape), ...inner], dtype };
};

const depthToSpace: Rule = ({ x: { shape, dtype } }, { blockSize, dataFormat }) => {
  const scale =
    dataFormat === "NCHW"
      ? [1, 1 / blockSize ** 2, blockSize, blockSize]
      : [1, blockSize, blockSize, 1 / blockSize ** 2];
  return { shape: shape.map((length, i) => length * scale[i]), dtype };
};

/** A step of 1 goes down, too; any other goes one way. */
function rangeLength(start: number, stop: number, step: number): number {
  const isEmpty = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
  return isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step));
}

export const shapes: Record<string, Rule> = {
  [tf.Reshape]: ({ x: { shape, dtype } }, attributes) => ({
    shape: tf.util.inferFromImplicitShape(attributes.shape, tf.util.sizeFromShape(shape)),
    dtype,
  }),
  [tf.ExpandDims]: ({ input: { shape, dtype } }, { dim }) => {
    const at = dim < 0 ? shape.length + 1 + dim : dim;
    return { shape: [...shape.slice(0, at), 1, ...shape.slice(at)], dtype };
  },
  [tf.Transpose]: ({ x: { shape, dtype } }, { perm }) => ({ shape: perm.map((axis: number) => shape[axis]), dtype }),
  [tf.Tile]: resized((length, axis, { reps }) => length * reps[axis]),
  ...each([tf.PadV2, tf.MirrorPad], padded),
  [tf.Slice]: ({ x: { shape, dtype } }, { begin, size }) => {
    const [from, sizes] = slices.parseSliceParams({ shape, rank: shape.length } as tf.Tensor, begin, size);
    slices.assertParamsValid({ shape, rank: shape.length } as tf.Tensor, from, sizes);
    return { shape: sizes, dtype };
  },
  [tf.StridedSlice]: ({ x: { shape, dtype } }, a) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = a;
    const info = slices.sliceInfo(
      shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    return { shape: info.finalShape, dtype };
  },
  [tf.Concat]: (inputs, { axis }) => {
    const parts = listed(inputs);
    return joined(parts, tf.util.parseAxisParam(axis, parts[0].shape)[0]);
  },
  [tf.Pack]: (inputs, { axis }) => {
    const parts = listed(inputs);
    const [{ shape, dtype }] = parts;
    return { shape: [...shape.slice(0, axis), parts.length, ...shape.slice(axis)], dtype };
  },
  [tf.Unpack]: ({ value: { shape, dtype } }, { axis }) => {
    const at = axis < 0 ? axis + shape.length : axis;
    return Array.from({ length: shape[at] }, () => ({ shape: shape.filter((_, i) => i !== at), dtype }));
  },
  [tf.SplitV]: split,
  [tf.GatherV2]: ({ x, indices }, { axis, batchDims }) => {
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    const info = util.segment_util.collectGatherOpShapeInfo(
      x as tf.Tensor,
      indices as tf.Tensor,
      along,
      batchDims ?? 0,
    );
    return { shape: info.outputShape, dtype: x.dtype };
  },
  [tf.GatherNd]: ({ params, indices }) => ({
    shape: [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape[indices.shape.length - 1])],
    dtype: params.dtype,
  }),
  [tf.ScatterNd]: ({ updates: { dtype } }, { shape }) => ({ shape, dtype }),
  [tf.TensorScatterUpdate]: like("tensor"),
  [tf.SparseToDense]: ({ sparseValues: { dtype } }, { outputShape }) => ({ shape: outputShape, dtype }),
  [tf.SpaceToBatchND]: spaceToBatch,
  [tf.BatchToSpaceND]: batchToSpace,
  [tf.DepthToSpace]: depthToSpace,
  [tf.Diag]: ({ x: { shape, dtype } }) => ({ shape: [...shape, ...shape], dtype }),
  [tf.OneHot]: ({ indices }, { depth, dtype }) => ({ shape: [...indices.shape, depth], dtype }),
  [tf.BroadcastArgs]: ({ s0, s1 }) => ({ shape: [Math.max(s0.shape[0], s1.shape[0])], dtype: "int32" }),
  [tf.Fill]: (_, { shape, value, dtype }) => ({ shape, dtype: dtype ?? tf.util.inferDtype(value) }),
  [tf.LinSpace]: (_, { num }) => ({ shape: [num], dtype: "float32" }),
  [tf.Range]: (_, { start, stop, step, dtype }) => ({
    shape: [rangeLength(start, stop, step)],
    dtype: dtype ?? "float32",
  }),
};
