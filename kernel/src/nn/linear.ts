// y = x W + b
import { tf } from "../tensor";
import { byInputs, type Initialiser, xavier } from "./initialisers";
import { ParameterSpec } from "./parameters";

/** A linear map: weight [inputs, outputs], Xavier-normal, and bias [outputs], as PyTorch's, unless begun otherwise. */
export const linearSpec = (inputs: number, outputs: number, weight: Initialiser = xavier, bias = byInputs(inputs)) => ({
  weight: new ParameterSpec([inputs, outputs], weight),
  bias: new ParameterSpec([outputs], bias),
});

/** A linear map without bias: weight [inputs, outputs], Xavier-normal unless begun otherwise. */
export const projectionSpec = (inputs: number, outputs: number, weight: Initialiser = xavier, paper = xavier) => ({
  weight: new ParameterSpec([inputs, outputs], weight, paper),
});

type Linear = { readonly weight: tf.Tensor; readonly bias?: tf.Tensor };

/** x [..., inputs] → x W + b [..., outputs]. */
export function linear<T extends tf.Tensor>({ weight, bias }: Linear, x: T): T {
  const [inputs, outputs] = weight.shape;
  const product = tf.matMul(x.reshape([-1, inputs]) as tf.Tensor2D, weight as tf.Tensor2D);
  return (bias ? product.add(bias) : product).reshape([...x.shape.slice(0, -1), outputs]) as T;
}

/** x [B, H, T, inputs] → [B, H, T, outputs], each head by its own weight [H, inputs, outputs] and bias [H, outputs]. */
export function headLinear({ weight, bias }: Required<Linear>, x: tf.Tensor4D): tf.Tensor4D {
  const [heads, , outputs] = weight.shape;
  const [batch, , frames, inputs] = x.shape;
  // One matrix product per head over all utterances: [H, B·T, inputs] × [H, inputs, outputs].
  const grouped = x.transpose([1, 0, 2, 3]).reshape([heads, batch * frames, inputs]) as tf.Tensor3D;
  return tf
    .matMul(grouped, weight as tf.Tensor3D)
    .add(bias.reshape([heads, 1, outputs]))
    .reshape([heads, batch, frames, outputs])
    .transpose([1, 0, 2, 3]) as tf.Tensor4D;
}

/** x [B, T, D] → [B, heads, T, D / heads]. */
export function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [batch, frames, width] = x.shape;
  return x.reshape([batch, frames, heads, width / heads]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
}

/** [B, heads, T, D / heads] → [B, T, D]. */
export function joinHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, frames, size] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([batch, frames, heads * size]) as tf.Tensor3D;
}

/**
 * Width of one head.
 * @throws RangeError where the heads do not divide the width
 */
export function headWidth(width: number, heads: number): number {
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw new RangeError(
      `Cannot split the width into heads: the width must be a multiple of the heads, got width = ${width}, heads = ${heads}`,
    );
  }
  return width / heads;
}
