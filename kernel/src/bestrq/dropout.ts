import { type Random, tf } from "../tensor";

/** Drops entries of a tensor at this rate and scales up the others; without `random`, outside of training, the identity. */
export function dropoutOf(rate: number, random: Random | undefined): <T extends tf.Tensor>(x: T) => T {
  if (rate === 0 || !random) return (x) => x;
  return <T extends tf.Tensor>(x: T) =>
    tf.tidy(() => {
      const kept = tf.greaterEqual(random.uniform([...x.shape], 0, 1), rate);
      return x.mul(kept).div(1 - rate) as T;
    });
}
