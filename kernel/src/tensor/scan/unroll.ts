// What the scan does to each frame, as a matrix: computed a block of rows at a time, for one matrix of a long recording
// is large, and so that others come to their turn in between.
import { openJob } from "./job";

/** What a selective scan of one utterance runs on, in plain arrays. */
export interface ScanArrays {
  readonly frames: number;
  /** E. */
  readonly channels: number;
  /** N. */
  readonly states: number;
  /** Δ [T, E], positive. */
  readonly delta: Float32Array;
  /** [E, N], negative. */
  readonly A: Float32Array;
  /** [T, N]. */
  readonly B: Float32Array;
  /** [T, N]. */
  readonly C: Float32Array;
  /** [E]. */
  readonly skip: Float32Array;
}

const chunk = 16; // rows that are computed together
const slice = 64; // rows that a thread takes at a time
const block = 256; // rows of a job

/**
 * The matrix M that {@link selectiveScan} unrolls to, y_i = Σ_j M_ij x_j, one for each channel: |M_ij| averaged over the
 * channels, row by row from the first on, a block of rows at a time. What is above the diagonal is zero.
 */
export function* unrollScan(scan: ScanArrays): Generator<{ readonly first: number; readonly rows: Float32Array[] }> {
  const { frames, channels } = scan;
  const padded = roundedUp(frames, chunk);
  const states = roundedUp(scan.states, 4);
  const steps = transposed(scan.delta, frames, channels, padded);
  const [A, B, C] = [scan.A, scan.B, scan.C].map((values) => widened(values, scan.states, states));
  for (let first = 0; first < frames; first += block) {
    const count = Math.min(block, padded - first);
    // A job's arrays are valid until the next one, and whoever takes the rows may scan: they are written each time.
    const { values, unroll } = openJob(
      { frames: padded, groups: channels, states },
      {
        delta: padded * channels,
        A: A.length,
        B: padded * states,
        C: padded * states,
        skip: channels,
        y: count * padded,
      },
      Math.ceil(count / slice),
    );
    values.delta.set(steps);
    for (let i = 0; i < A.length; i++) values.A[i] = A[i] / Math.LN2; // the compiled scan computes powers of two
    values.skip.set(scan.skip);
    for (const [name, map] of [
      ["B", B],
      ["C", C],
    ] as const) {
      // biome-ignore format: one line
      values[name].fill(0);
      values[name].set(map);
    }
    unroll(first, count);
    const rows = Array.from({ length: Math.min(count, frames - first) }, (_, index) => {
      const row = new Float32Array(frames);
      const from = (index - (index % chunk)) * padded + (index % chunk); // [chunks, frames, 16]
      for (let j = 0; j <= first + index; j++) row[j] = values.y[from + j * chunk] / channels;
      return row;
    });
    yield { first, rows };
  }
}

const roundedUp = (size: number, multiple: number) => Math.ceil(size / multiple) * multiple;

/** [rows, columns] → [columns, padded], zeros after the rows. */
function transposed(values: Float32Array, rows: number, columns: number, padded: number): Float32Array {
  const turned = new Float32Array(columns * padded);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * padded + i] = values[i * columns + j];
  return turned;
}

/** [..., width] → [..., wide], zeros after each row. */
function widened(values: Float32Array, width: number, wide: number): Float32Array {
  if (width === wide) return values;
  const rows = values.length / width;
  const result = new Float32Array(rows * wide);
  for (let i = 0; i < rows; i++) result.set(values.subarray(i * width, (i + 1) * width), i * wide);
  return result;
}
