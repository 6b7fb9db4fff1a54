// Kernels that give one number for each that they take.
import * as tf from "../../tf";
import { each, like, listed, type Rule } from "./rule";

const unary = [
  ...[
    tf.Abs,
    tf.Acos,
    tf.Acosh,
    tf.Asin,
    tf.Asinh,
    tf.Atan,
    tf.Atanh,
    tf.Ceil,
    tf.ClipByValue,
    tf.Cos,
    tf.Cosh,
    tf.Elu,
  ],
  ...[tf.Erf, tf.Expm1, tf.Floor, tf.Identity, tf.LRN, tf.Log, tf.Log1p, tf.Neg, tf.OnesLike],
  ...[tf.Reciprocal, tf.Relu, tf.Relu6, tf.Round, tf.Rsqrt, tf.Selu, tf.Sigmoid, tf.Sign, tf.Sin, tf.Sinh],
  ...[tf.Softplus, tf.Sqrt, tf.Square, tf.Step, tf.Tan, tf.Tanh, tf.ZerosLike, tf.FusedBatchNorm, tf.LRNGrad],
  ...[tf.Reverse],
];

const binary = [
  ...[tf.Add, tf.Atan2, tf.BitwiseAnd, tf.Maximum, tf.Minimum, tf.Mod, tf.Multiply, tf.Pow, tf.RealDiv],
  ...[tf.SquaredDifference, tf.Sub],
];

const comparisons = [
  ...[tf.Equal, tf.NotEqual, tf.Less, tf.LessEqual, tf.Greater, tf.GreaterEqual],
  ...[tf.LogicalAnd, tf.LogicalOr],
];

const counted = (dtype: tf.DataType) => tf.upcastType(dtype, "int32");
const broadcast = tf.backend_util.assertAndGetBroadcastShape;

export const elementwise: Record<string, Rule> = {
  ...each(unary, ({ x: { shape, dtype } }) => ({ shape, dtype })),
  ...each(binary, ({ a, b }) => ({ shape: broadcast(a.shape, b.shape), dtype: a.dtype })),
  [tf.FloorDiv]: ({ a, b }) => ({ shape: broadcast(a.shape, b.shape), dtype: counted(a.dtype) }),
  [tf.Prelu]: ({ x, alpha }) => ({ shape: broadcast(x.shape, alpha.shape), dtype: "float32" }),
  ...each([tf.Exp, tf.LeakyRelu, tf.ComplexAbs], ({ x: { shape } }) => ({ shape, dtype: "float32" })),
  ...each(comparisons, ({ a, b }) => ({ shape: broadcast(a.shape, b.shape), dtype: "bool" })),
  ...each([tf.IsFinite, tf.IsInf, tf.IsNan, tf.LogicalNot], ({ x: { shape } }) => ({ shape, dtype: "bool" })),
  [tf.Softmax]: like("logits"),
  [tf.EluGrad]: like("y"),
  [tf.FlipLeftRight]: like("image"),
  ...each([tf.Cumsum, tf.Cumprod], ({ x: { shape, dtype } }) => ({ shape, dtype: counted(dtype) })),
  [tf.AddN]: (inputs) => listed(inputs)[0],
  [tf.Cast]: ({ x: { shape } }, { dtype }) => ({ shape, dtype }),
  [tf.Select]: ({ t, e }) => ({ shape: t.shape, dtype: tf.upcastType(t.dtype, e.dtype) }),
  [tf.Complex]: ({ real: { shape } }) => ({ shape, dtype: "complex64" }),
  ...each([tf.Real, tf.Imag], ({ input: { shape } }) => ({ shape, dtype: "float32" })),
  ...each([tf.FFT, tf.IFFT], like("input")),
};
