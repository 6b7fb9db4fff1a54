// y = x W + b
import { tf } from "../tensor";
import { ParameterSpec, type Parameters, xavier, zeros } from "./parameters";

/** A linear map: weight [inputs, outputs], bias [outputs]. Xavier-normal weight, as the paper re-initialises all. */
export const linearSpec = (inputs: number, outputs: number) => ({
  weight: new ParameterSpec([inputs, outputs], xavier),
  bias: new ParameterSpec([outputs], zeros),
});

/** A linear map without bias: weight [inputs, outputs]. */
export const projectionSpec = (inputs: number, outputs: number) => ({
  weight: new ParameterSpec([inputs, outputs], xavier),
});

type Linear = { readonly weight: tf.Tensor; readonly bias?: tf.Tensor };

/** x [..., inputs] → x W + b [..., outputs]. */
export function linear<T extends tf.Tensor>({ weight, bias }: Linear, x: T): T {
  const [inputs, outputs] = weight.shape;
  const product = tf.matMul(x.reshape([-1, inputs]) as tf.Tensor2D, weight as tf.Tensor2D);
  return (bias ? product.add(bias) : product).reshape([...x.shape.slice(0, -1), outputs]) as T;
}

/** A linear map of each head's own inputs to its own outputs: weight [heads, inputs, outputs], bias [heads, outputs]. */
export const headLinearSpec = (heads: number, inputs: number, outputs: number) => ({
  weight: new ParameterSpec([heads, inputs, outputs], xavier),
  bias: new ParameterSpec([heads, outputs], zeros),
});

/** x [B, H, T, inputs] → [B, H, T, outputs], each head by its own map. */
export function headLinear(
  { weight, bias }: Parameters<ReturnType<typeof headLinearSpec>>,
  x: tf.Tensor4D,
): tf.Tensor4D {
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
