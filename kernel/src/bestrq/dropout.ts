import { dropout, type Random, type tf } from "../tensor";

/** Drops entries of a tensor at this rate and scales up the others; without `random`, outside of training, the identity. */
export function dropoutOf(rate: number, random: Random | undefined): <T extends tf.Tensor>(x: T) => T {
  if (rate === 0 || !random) return (x) => x;
  return (x) => dropout(x, rate, random);
}
