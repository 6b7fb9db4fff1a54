// Arrays between the layout of tensors and that of the compiled scan, which wants channels in groups of four and states
// in pairs. Where rows are of the same width on both sides they are copied in one go; what fills them up is zero.

/** Values to read, from an element on. */
export interface Source {
  read(start: number, into: Float32Array): void;
}

/** Where to write values, from an element on. */
export interface Target {
  write(start: number, values: Float32Array): void;
}

/** Reads rows of `width` numbers, from a row on, into rows of `wide`. */
export function readRows(
  source: Source,
  from: number,
  width: number,
  into: Float32Array,
  wide: number,
  rows: number,
): void {
  if (width === wide) {
    source.read(from * width, into.subarray(0, rows * wide));
    return;
  }
  const values = new Float32Array(rows * width);
  source.read(from * width, values);
  into.fill(0, 0, rows * wide);
  for (let i = 0; i < rows; i++) into.set(values.subarray(i * width, (i + 1) * width), i * wide);
}

/** Writes rows of `wide` numbers as rows of `width`, from a row on. */
export function writeRows(
  values: Float32Array,
  wide: number,
  target: Target,
  from: number,
  width: number,
  rows: number,
): void {
  if (width === wide) {
    target.write(from * width, values.subarray(0, rows * wide));
    return;
  }
  const narrow = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) narrow.set(values.subarray(i * wide, i * wide + width), i * width);
  target.write(from * width, narrow);
}

/** A [D, N] as A / ln 2 in groups [⌈D / 4⌉, states, 4]: the compiled scan computes powers of two. */
export function group(A: Source, D: number, N: number, into: Float32Array, states: number): void {
  const values = new Float32Array(D * N);
  A.read(0, values);
  into.fill(0);
  for (let d = 0; d < D; d++)
    for (let n = 0; n < N; n++) into[((d >> 2) * states + n) * 4 + (d & 3)] = values[d * N + n] * Math.LOG2E;
}

/** [⌈D / 4⌉, states, 4] as [D, N]. */
export function ungroup(values: Float32Array, states: number, target: Target, D: number, N: number): void {
  const flat = new Float32Array(D * N);
  for (let d = 0; d < D; d++)
    for (let n = 0; n < N; n++) flat[d * N + n] = values[((d >> 2) * states + n) * 4 + (d & 3)];
  target.write(0, flat);
}
