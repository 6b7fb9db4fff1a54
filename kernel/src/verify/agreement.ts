// How closely our numbers agree with a reference's.
import type { tf } from "../tensor";

/** What may differ, relative to the largest magnitude of the tensor: float32's rounding over a few thousand sums. */
export const tolerance = { output: 1e-5, gradient: 1e-4 } as const;

/** A tensor of the reference this much smaller than the largest gradient of its case is zero but for rounding. */
const negligible = 1e-6;

interface Comparison {
  readonly name: string;
  readonly difference: number;
  /** Largest magnitude of the reference. */
  readonly magnitude: number;
}

/** Gathers the comparisons of one case; the tensors may be disposed as soon as they have been given. */
export class Agreement {
  private readonly outputs: Promise<Comparison>[] = [];
  private readonly gradients: Promise<Comparison>[] = [];

  /** Compares an output or a loss. */
  output(name: string, ours: tf.Tensor, theirs: tf.Tensor): void {
    this.outputs.push(compared(name, ours, theirs, farthest));
  }

  /** Compares code ids; each that differs counts as an error of 1. */
  ids(name: string, ours: tf.Tensor, theirs: tf.Tensor): void {
    this.outputs.push(compared(name, ours, theirs, unequal));
  }

  gradient(name: string, ours: tf.Tensor, theirs: tf.Tensor): void {
    this.gradients.push(compared(name, ours, theirs, farthest));
  }

  /** Largest error of the outputs, and where. */
  async outputError(): Promise<[error: number, name: string]> {
    const outputs = await Promise.all(this.outputs);
    return worst(outputs.map((each) => [relative(each.difference, each.magnitude), each.name]));
  }

  /**
   * Largest error of the gradients, and where; 0 where the reference has none. A gradient that is zero by symmetry, as
   * that of a bias before a softmax, holds rounding alone: it is measured against the largest gradient of the case.
   */
  async gradientError(): Promise<[error: number, name: string]> {
    const gradients = await Promise.all(this.gradients);
    const largest = Math.max(0, ...gradients.map(({ magnitude }) => magnitude));
    const scale = (magnitude: number) => (magnitude < negligible * largest ? largest : magnitude);
    return worst(gradients.map((each) => [relative(each.difference, scale(each.magnitude)), each.name]));
  }
}

type Compare = (ours: ArrayLike<number>, theirs: ArrayLike<number>) => Pick<Comparison, "difference" | "magnitude">;

function compared(name: string, ours: tf.Tensor, theirs: tf.Tensor, compare: Compare): Promise<Comparison> {
  if (ours.shape.join() !== theirs.shape.join())
    throw new TypeError(`${name} has the shape [${theirs.shape}] there, but [${ours.shape}] here`);
  const comparison = Promise.all([ours.data(), theirs.data()]).then(([a, b]) => ({ name, ...compare(a, b) }));
  comparison.catch(() => {}); // whoever asks for the errors is told
  return comparison;
}

/** How many ids differ. */
const unequal: Compare = (ours, theirs) => ({
  difference: Array.from(theirs).filter((id, index) => id !== ours[index]).length,
  magnitude: 1,
});

/** Largest difference, infinite where a value is not a number, and largest magnitude of the reference. */
export const farthest: Compare = (ours, theirs) => {
  let [difference, magnitude] = [0, 0];
  for (let i = 0; i < theirs.length; i++) {
    const distance = Math.abs(ours[i] - theirs[i]);
    if (!(distance <= difference)) difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    magnitude = Math.max(magnitude, Math.abs(theirs[i]));
  }
  return { difference, magnitude };
};

const relative = (difference: number, magnitude: number): number => (difference === 0 ? 0 : difference / magnitude);

const worst = (errors: [number, string][]): [number, string] =>
  errors.reduce((most, each) => (each[0] > most[0] ? each : most), [0, ""]);
