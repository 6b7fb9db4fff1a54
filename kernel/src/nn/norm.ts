import type { tf } from "../tensor";
import { ones, zeros } from "./initialisers";
import { ParameterSpec, type Parameters } from "./parameters";

/** Scale and shift of the axes normalised over, e.g. [D], or [frequencies, channels]. */
export const layerNormSpec = (...shape: number[]) => ({
  weight: new ParameterSpec(shape, ones),
  bias: new ParameterSpec(shape, zeros),
});

/** Normalises over the last axes, as many as the weight has: (x − mean) / √(variance + epsilon) · weight + bias. */
export function layerNorm<T extends tf.Tensor>(
  { weight, bias }: Parameters<ReturnType<typeof layerNormSpec>>,
  x: T,
  epsilon = 1e-5,
): T {
  const axes = weight.shape.map((_, index) => x.rank - weight.rank + index);
  const centred = x.sub(x.mean(axes, true));
  const deviation = centred.square().mean(axes, true).add(epsilon).rsqrt();
  return centred.mul(deviation).mul(weight).add(bias) as T;
}

/** Scale of {@link rmsNorm}. */
export const rmsNormSpec = (width: number) => ({ weight: new ParameterSpec([width], ones) });

/** x / √(mean(x²) + epsilon) · weight over the last axis (Zhang and Sennrich 2019). */
export function rmsNorm<T extends tf.Tensor>(
  { weight }: Parameters<ReturnType<typeof rmsNormSpec>>,
  x: T,
  epsilon = 1e-5,
): T {
  return x.mul(x.square().mean(-1, true).add(epsilon).rsqrt()).mul(weight) as T;
}
