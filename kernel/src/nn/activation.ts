import { tf } from "../tensor";

/** Swish, also called SiLU: x σ(x). */
export const swish = <T extends tf.Tensor>(x: T): T => x.mul(tf.sigmoid(x)) as T;

/** The exact GELU: x Φ(x), Φ by the error function. */
export const gelu = <T extends tf.Tensor>(x: T): T => x.mul(tf.erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5)) as T;

/** Gated linear unit over the last axis: a σ(b) of the halves a, b. */
export function glu(x: tf.Tensor3D): tf.Tensor3D {
  const [a, b] = tf.split(x, 2, -1);
  return a.mul(tf.sigmoid(b));
}

/** What a model can be configured with. The paper's conformers run Swish: their configuration's GELU is not used. */
export const activations = { swish, gelu } as const;
export type ActivationName = keyof typeof activations;
