// How parameters begin. "Fans" are a weight's inputs plus its outputs, by which Glorot and Bengio (2010) scale it.
import { type Random, tf } from "../tensor";

/** Draws the first value of a parameter of this shape. */
export type Initialiser = (shape: readonly number[], random: Random) => tf.Tensor;

export const zeros: Initialiser = (shape) => tf.zeros([...shape]);
export const ones: Initialiser = (shape) => tf.ones([...shape]);

/** Normally distributed with this standard deviation. */
export const normal =
  (deviation: number): Initialiser =>
  (shape, random) =>
    random.normal([...shape], 0, deviation);

/** Uniform within ±bound. */
export const uniform =
  (bound: number): Initialiser =>
  (shape, random) =>
    random.uniform([...shape], -bound, bound);

/** Glorot and Bengio's normal form. */
export const xavierNormal = (fans: number): Initialiser => normal(Math.sqrt(2 / fans));

/** Glorot and Bengio's uniform form. */
export const xavierUniform = (fans: number, gain = 1): Initialiser => uniform(gain * Math.sqrt(6 / fans));

/** Glorot and Bengio's normal form for a weight of shape [..., inputs, outputs]. */
export const xavier: Initialiser = (shape, random) =>
  xavierNormal(shape[shape.length - 2] + shape[shape.length - 1])(shape, random);

/** Uniform within ±1 / √inputs: PyTorch's own start of weights and biases of linear maps and convolutions. */
export const byInputs = (inputs: number): Initialiser => uniform(1 / Math.sqrt(inputs));
