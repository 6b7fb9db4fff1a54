// Kernels that take some axes together.
import * as tf from "../../tf";
import { type Described, each, type Rule } from "./rule";

type Type = (dtype: tf.DataType) => tf.DataType;

/** Over the axes named, or over all. */
const over =
  (typeOf: Type): Rule =>
  ({ x: { shape, dtype } }, { axis, reductionIndices = axis, keepDims }) => {
    const axes = tf.util.parseAxisParam(reductionIndices ?? shape.map((_, i) => i), shape);
    const kept = shape.map((length, i) => (axes.includes(i) ? 1 : length));
    return { shape: keepDims ? kept : shape.filter((_, i) => !axes.includes(i)), dtype: typeOf(dtype) };
  };

const same: Type = (dtype) => dtype;
const counted: Type = (dtype) => tf.upcastType(dtype, "int32");

/** One number for each bin of each row of weights. */
const binned: Rule = ({ x, weights }, { size }): Described => ({
  shape: [...x.shape.slice(0, -1), size],
  dtype: weights.dtype,
});

export const reductions: Record<string, Rule> = {
  ...each([tf.Max, tf.Min], over(same)),
  ...each([tf.Sum, tf.Prod], over(counted)),
  [tf.Mean]: over(() => "float32"),
  ...each(
    [tf.Any, tf.All],
    over(() => "bool"),
  ),
  ...each(
    [tf.ArgMax, tf.ArgMin],
    over(() => "int32"),
  ),
  ...each([tf.Bincount, tf.DenseBincount], binned),
  [tf.UnsortedSegmentSum]: ({ x: { shape, dtype } }, { numSegments }) => ({
    shape: [numSegments, ...shape.slice(1)],
    dtype: dtype === "int32" ? dtype : "float32",
  }),
  [tf.TopK]: ({ x: { shape, dtype } }, { k }) => {
    const top = [...shape.slice(0, -1), k];
    return [
      { shape: top, dtype },
      { shape: top, dtype: "int32" },
    ];
  },
  [tf.SearchSorted]: ({ values: { shape } }) => ({ shape, dtype: "int32" }),
  [tf.Multinomial]: ({ logits: { shape } }, { numSamples }) => ({ shape: [shape[0], numSamples], dtype: "int32" }),
};
