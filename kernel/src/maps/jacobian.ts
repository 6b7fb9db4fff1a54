// ‖∂ output_i / ∂ input_j‖ of a function of frames, by vector-Jacobian products: one gives, for a vector v over the output
// frames, Σ_i v_iᵀ J_ij for all input frames j at once.
import { type Random, tf } from "../tensor";
import type { WorkingPart } from "./parts";

/** Squared norms, one row a group of output frames. */
export interface SquaredNorms {
  /** Mean over the group of ‖J_ij‖² [groups, T]. */
  readonly squares: Float64Array;
  /** Squared standard error of each of them. */
  readonly variances: Float64Array;
}

/** Hears how far it is: 1 is done. */
export type Tell = (share: number) => void;

/** Numbers that a batch of products may take in each tensor. */
const batchNumbers = 2 ** 18;

/** Exact: a product for each feature of each output frame. */
export function exactSquares(part: WorkingPart, tell: Tell): Promise<SquaredNorms> {
  const [frames, width] = part.input.shape;
  const unit = (product: number, vector: Float32Array) => {
    vector[product] = 1;
  };
  return products(part, { groups: frames, each: width, tell }, unit, (sum) => sum);
}

/**
 * Estimated without bias (Hutchinson 1990): with signs v drawn at random for the frames i of a group,
 * E ‖Σ_i v_iᵀ J_ij‖² = Σ_i ‖J_ij‖². How far `each` products of a group are apart tells the error.
 */
export function estimatedSquares(
  part: WorkingPart,
  { groupFrames, each, random, tell }: { groupFrames: number; each: number; random: Random; tell: Tell },
): Promise<SquaredNorms> {
  const [frames, width] = part.input.shape;
  const groups = Math.ceil(frames / groupFrames);
  const framesOf = (group: number) => Math.min(groupFrames, frames - group * groupFrames);
  const signs = (product: number, vector: Float32Array) => {
    const group = Math.floor(product / each);
    const begin = group * groupFrames * width;
    for (let i = 0; i < framesOf(group) * width; i++) vector[begin + i] = random.next() < 0.5 ? -1 : 1;
  };
  return products(part, { groups, each, tell }, signs, (sum, group) => sum / each / framesOf(group));
}

/** Takes `each` products for each group and sums the squares of what arrives at each input frame. */
async function products(
  { input, apply }: WorkingPart,
  { groups, each, tell }: { groups: number; each: number; tell: Tell },
  vector: (product: number, into: Float32Array) => void,
  mean: (sum: number, group: number) => number,
): Promise<SquaredNorms> {
  const [frames, width] = input.shape;
  const size = frames * width;
  const count = groups * each;
  const atOnce = Math.max(1, Math.min(count, Math.floor(batchNumbers / Math.max(size, frames * frames))));
  const sums = new Float64Array(groups * frames);
  const squaredSums = new Float64Array(groups * frames);
  const back = tf.grad((x) => apply(x as tf.Tensor3D));
  const x = tf.tidy(() => tf.tensor(input.values, [1, frames, width]).tile([atOnce, 1, 1]));
  try {
    for (let first = 0; first < count; first += atOnce) {
      const vectors = new Float32Array(atOnce * size); // the last batch is filled up with zeros
      const taken = Math.min(atOnce, count - first);
      for (let k = 0; k < taken; k++) vector(first + k, vectors.subarray(k * size, (k + 1) * size));
      const arrived = tf.tidy(() =>
        back(x, tf.tensor(vectors, [atOnce, frames, width]))
          .square()
          .sum(-1),
      );
      const values = await arrived.data();
      arrived.dispose();
      for (let k = 0; k < taken; k++) {
        const row = Math.floor((first + k) / each) * frames;
        for (let j = 0; j < frames; j++) {
          const square = values[k * frames + j];
          sums[row + j] += square;
          squaredSums[row + j] += square * square;
        }
      }
      tell((first + taken) / count);
      await new Promise((resolve) => setImmediate(resolve)); // interrupts are heard
    }
  } finally {
    x.dispose();
  }
  const groupOf = (index: number) => Math.floor(index / frames);
  return {
    squares: sums.map((sum, index) => mean(sum, groupOf(index))),
    variances: sums.map((sum, index) => {
      const spread = Math.max(0, squaredSums[index] - (sum * sum) / each) / Math.max(1, each - 1); // of one product
      return mean(mean(spread, groupOf(index)), groupOf(index)) * each;
    }),
  };
}
