// Gradients of all processes become their sums: the one thing that data-parallel training exchanges.
import { tf } from "../tensor";
import type { Communicator } from "./communicator";

/** How {@link sumGradients} goes. */
export interface SumOptions {
  /** Bytes that are exchanged at once (default 25 MB): enough for full bandwidth, while the next ones are being read. */
  readonly bucketBytes?: number;
}

/**
 * Sums gradients over all processes, in buckets: while one bucket travels, the next one is read from the device. The
 * result is the same, bit for bit, in every process. Disposes what came in.
 *
 * @param gradients float32, of the same shapes in the same order everywhere; divided beforehand where a mean is wanted
 * @throws RangeError for a bucket of no bytes
 */
export async function sumGradients(
  gradients: tf.Tensor[],
  communicator: Communicator,
  { bucketBytes = 25e6 }: SumOptions = {},
): Promise<tf.Tensor[]> {
  if (!(bucketBytes > 0)) throw new RangeError(`Cannot sum gradients: bucketBytes must be above 0, got ${bucketBytes}`);
  if (communicator.size === 1) return gradients;
  const summed: tf.Tensor[] = [];
  let travelling: Promise<void> = Promise.resolve();
  for (const bucket of bucketsOf(gradients, bucketBytes / 4)) {
    const values = await read(bucket);
    const shapes = bucket.map(({ shape }) => shape);
    tf.dispose(bucket);
    await travelling;
    travelling = communicator.sum(values).then(() => {
      summed.push(...cut(values, shapes));
    });
  }
  await travelling;
  return summed;
}

/** Neighbours together, as many as fit; what is larger than a bucket travels alone. */
function bucketsOf(gradients: readonly tf.Tensor[], values: number): tf.Tensor[][] {
  const buckets: tf.Tensor[][] = [];
  let room = 0;
  for (const gradient of gradients) {
    if (gradient.size > room) {
      buckets.push([]);
      room = values;
    }
    buckets[buckets.length - 1].push(gradient);
    room -= gradient.size;
  }
  return buckets;
}

async function read(bucket: readonly tf.Tensor[]): Promise<Float32Array> {
  const values = new Float32Array(bucket.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const gradient of bucket) {
    values.set((await gradient.data()) as Float32Array, offset);
    offset += gradient.size;
  }
  return values;
}

function cut(values: Float32Array, shapes: readonly number[][]): tf.Tensor[] {
  let offset = 0;
  return shapes.map((shape) => {
    const begin = offset;
    offset += tf.util.sizeFromShape(shape);
    return tf.tensor(values.slice(begin, offset), shape);
  });
}
