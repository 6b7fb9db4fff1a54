// Tensors as plain arrays: what a map keeps, which nobody has to free and which later training does not change.
import { tf } from "../../tensor";

/** A tensor's numbers. */
export interface Plain {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Computes tensors in a tidy and reads them, one after the other. */
export async function read<Name extends string>(body: () => Record<Name, tf.Tensor>): Promise<Record<Name, Plain>> {
  const tensors = tf.tidy(body) as Record<Name, tf.Tensor>;
  try {
    const result = {} as Record<Name, Plain>;
    for (const [name, tensor] of Object.entries(tensors) as [Name, tf.Tensor][]) {
      result[name] = { values: (await tensor.data()) as Float32Array, shape: tensor.shape };
    }
    return result;
  } finally {
    tf.dispose(tensors);
  }
}

/** The tensor again, of one head [H, ...] → [1, 1, ...]. */
export function ofHead({ values, shape: [, ...shape] }: Plain, head: number): tf.Tensor4D {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor<tf.Rank.R4>(values.slice(head * size, (head + 1) * size), [1, 1, ...shape] as [
    1,
    1,
    number,
    number,
  ]);
}

/** Rows computed at once. */
const tileRows = 256;

/** A matrix [rows, columns] tile by tile: `tile` gives the rows from `first` on, `count` of them, from the tensors. */
export async function inTiles<T extends tf.TensorContainer>(
  [rows, columns]: readonly [number, number],
  tensors: () => T,
  tile: (tensors: T, first: number, count: number) => tf.Tensor,
): Promise<Float32Array> {
  const values = new Float32Array(rows * columns);
  const given = tf.tidy(tensors);
  try {
    for (let first = 0; first < rows; first += tileRows) {
      const part = tf.tidy(() => tile(given, first, Math.min(tileRows, rows - first)));
      values.set((await part.data()) as Float32Array, first * columns);
      part.dispose();
    }
    return values;
  } finally {
    tf.dispose(given);
  }
}
