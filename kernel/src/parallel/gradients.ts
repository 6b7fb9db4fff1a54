// Gradients of all processes become their sums: the one thing that data-parallel training exchanges.
import { tf } from "../tensor";
import type { Communicator } from "./communicator";

/** How {@link sumGradients} goes. */
export interface SumOptions {
  /** Bytes that are exchanged at once (default 25 MB): enough for full bandwidth, while the next ones are being read. */
  readonly bucketBytes?: number;
}

/**
 * Sums gradients over all processes, in buckets: while some travel, the next ones are read from the device. The result
 * is the same, bit for bit, in every process. Disposes what came in.
 *
 * They do not travel during the backward pass: TensorFlow.js hands all gradients over at its end. What that would save is
 * in docs/scaling.md.
 *
 * @param gradients float32, of the same shapes in the same order everywhere; divided beforehand where a mean is wanted
 * @throws RangeError for a bucket of no bytes; what the communicator throws
 */
export async function sumGradients(
  gradients: tf.Tensor[],
  communicator: Communicator,
  { bucketBytes = 25e6 }: SumOptions = {},
): Promise<tf.Tensor[]> {
  if (!(bucketBytes > 0)) throw new RangeError(`Cannot sum gradients: bucketBytes must be above 0, got ${bucketBytes}`);
  if (communicator.size === 1) return gradients;
  const summed: Promise<tf.Tensor[]>[] = [];
  for (const bucket of bucketsOf(gradients, bucketBytes / 4)) {
    const shapes = bucket.map(({ shape }) => shape);
    const values = await read(bucket);
    tf.dispose(bucket);
    const sum = communicator.sum(values);
    sum.catch(() => {}); // is told below
    summed.push(sum.then(() => cut(values, shapes)));
  }
  return (await Promise.all(summed)).flat();
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
    return tf.tensor(values.subarray(begin, offset), shape); // nobody writes to the bucket any more
  });
}
