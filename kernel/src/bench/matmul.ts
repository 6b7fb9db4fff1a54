import { tf } from "../tensor";

/**
 * What the device can reach: the rate of a large matrix product in float32, in GFLOP/s, the best of what half a
 * second holds. The product grows until it takes 20 ms, so that starting it costs nothing beside it.
 */
export async function matmulLimit(): Promise<number> {
  let [limit, seconds] = [0, 0];
  for (let size = 1024; seconds < 0.02 && size <= 8192; size *= 2) {
    const [a, b] = [tf.fill([size, size], 0.5), tf.fill([size, size], 0.25)] as tf.Tensor2D[];
    seconds = Number.POSITIVE_INFINITY;
    const end = performance.now() + 500;
    for (let began = performance.now(); began < end; began = performance.now()) {
      const one = tf.tidy(() => a.matMul(b).slice([0, 0], [1, 1]));
      await one.data();
      one.dispose();
      seconds = Math.min(seconds, (performance.now() - began) / 1000);
    }
    tf.dispose([a, b]);
    limit = Math.max(limit, (2 * size ** 3) / seconds / 1e9);
  }
  return limit;
}
