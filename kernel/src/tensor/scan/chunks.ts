// The scan over a whole batch: chunk after chunk of frames through the compiled functions, so that what is copied
// stays small however long the sequences are.
import { reserve } from "./module";

/** Sizes: batch, frames, channels and states. */
export interface ScanSizes {
  B: number;
  T: number;
  D: number;
  N: number;
}

/** Values of the op's inputs, as {@link selectiveScan} names them. */
export interface ScanInputs {
  x: Float32Array;
  delta: Float32Array;
  A: Float32Array;
  B: Float32Array;
  C: Float32Array;
  skip: Float32Array;
}

/** y: [B, T, D]. */
export function scanForward({ B, T, D, N }: ScanSizes, inputs: ScanInputs): Float32Array {
  const { groups, width, chunk } = layout(T, D);
  const { address, values, functions } = reserve({
    x: chunk * width,
    delta: chunk * width,
    y: chunk * width,
    B: chunk * N,
    C: chunk * N,
    A: width * N,
    state: width * N,
    skip: width,
  });
  group(inputs.A, values.A, D, N);
  values.skip.set(inputs.skip);
  const y = new Float32Array(B * T * D);
  for (let b = 0; b < B; b++) {
    values.state.fill(0);
    for (let t = 0; t < T; t += chunk) {
      const frames = Math.min(chunk, T - t);
      const from = b * T + t;
      copyRows(inputs.x, from, D, values.x, 0, width, frames);
      copyRows(inputs.delta, from, D, values.delta, 0, width, frames);
      copyRows(inputs.B, from, N, values.B, 0, N, frames);
      copyRows(inputs.C, from, N, values.C, 0, N, frames);
      const a = address;
      functions.forward(frames, groups, N, a.x, a.delta, a.A, a.B, a.C, a.skip, a.state, a.y);
      copyRows(values.y, 0, width, y, from, D, frames);
    }
  }
  return y;
}

/**
 * Gradients of sum(y dy). States are kept at the start of each chunk only, and computed again from there on the way
 * back, so that nothing of size [B, T, D, N] is ever held.
 */
export function scanBackward({ B, T, D, N }: ScanSizes, inputs: ScanInputs, dy: Float32Array): ScanInputs {
  const { groups, width, chunk } = layout(T, D);
  const { address, values, functions } = reserve({
    x: chunk * width,
    delta: chunk * width,
    dy: chunk * width,
    dx: chunk * width,
    ddelta: chunk * width,
    B: chunk * N,
    C: chunk * N,
    dB: chunk * N * 4,
    dC: chunk * N * 4,
    history: chunk * N * 4,
    decays: chunk * N * 4,
    A: width * N,
    dA: width * N,
    state: width * N,
    carry: width * N,
    sumA: N * 4,
    skip: width,
    dskip: width,
  });
  group(inputs.A, values.A, D, N);
  values.skip.set(inputs.skip);
  const gradients: ScanInputs = {
    x: new Float32Array(B * T * D),
    delta: new Float32Array(B * T * D),
    A: new Float32Array(D * N),
    B: new Float32Array(B * T * N),
    C: new Float32Array(B * T * N),
    skip: new Float32Array(D),
  };
  const chunks = Math.ceil(T / chunk);
  const states = new Float32Array(chunks * width * N);
  const a = address;
  for (let b = 0; b < B; b++) {
    values.state.fill(0);
    for (let k = 0; k < chunks; k++) {
      states.set(values.state, k * width * N);
      const frames = load(b, k);
      functions.advance(frames, groups, N, a.x, a.delta, a.A, a.B, a.state);
    }
    values.carry.fill(0);
    for (let k = chunks - 1; k >= 0; k--) {
      const frames = load(b, k);
      const from = b * T + k * chunk;
      copyRows(inputs.C, from, N, values.C, 0, N, frames);
      copyRows(dy, from, D, values.dy, 0, width, frames);
      values.state.set(states.subarray(k * width * N, (k + 1) * width * N));
      values.dB.fill(0);
      values.dC.fill(0);
      const given = [a.x, a.delta, a.A, a.B, a.C, a.skip, a.state, a.dy, a.carry];
      const wanted = [a.dx, a.ddelta, a.dA, a.dB, a.dC, a.dskip];
      functions.backward(frames, groups, N, ...given, ...wanted, a.sumA, a.history, a.decays);
      copyRows(values.dx, 0, width, gradients.x, from, D, frames);
      copyRows(values.ddelta, 0, width, gradients.delta, from, D, frames);
      sumLanes(values.dB, gradients.B, from * N, frames * N);
      sumLanes(values.dC, gradients.C, from * N, frames * N);
    }
  }
  ungroup(values.dA, gradients.A, D, N);
  gradients.skip.set(values.dskip.subarray(0, D));
  return gradients;

  /** Copies what the states of chunk `k` depend on; returns its frames. */
  function load(b: number, k: number): number {
    const frames = Math.min(chunk, T - k * chunk);
    const from = b * T + k * chunk;
    copyRows(inputs.x, from, D, values.x, 0, width, frames);
    copyRows(inputs.delta, from, D, values.delta, 0, width, frames);
    copyRows(inputs.B, from, N, values.B, 0, N, frames);
    return frames;
  }
}

/** Channels in groups of four, frames in chunks of about √T, which balances states kept and states computed again. */
function layout(T: number, D: number): { groups: number; width: number; chunk: number } {
  const groups = Math.ceil(D / 4);
  return { groups, width: groups * 4, chunk: Math.min(T, Math.max(32, Math.ceil(Math.sqrt(T)))) };
}

/** Copies rows between arrays whose rows are of different width. */
function copyRows(
  from: Float32Array,
  fromRow: number,
  fromWidth: number,
  to: Float32Array,
  toRow: number,
  toWidth: number,
  rows: number,
): void {
  if (fromWidth === toWidth) {
    to.set(from.subarray(fromRow * fromWidth, (fromRow + rows) * fromWidth), toRow * toWidth);
    return;
  }
  const width = Math.min(fromWidth, toWidth);
  for (let i = 0; i < rows; i++) {
    const at = (fromRow + i) * fromWidth;
    to.set(from.subarray(at, at + width), (toRow + i) * toWidth);
  }
}

/** [D, N] to [groups, N, 4]. */
function group(from: Float32Array, to: Float32Array, D: number, N: number): void {
  for (let d = 0; d < D; d++) for (let n = 0; n < N; n++) to[((d >> 2) * N + n) * 4 + (d & 3)] = from[d * N + n];
}

/** [groups, N, 4] to [D, N]. */
function ungroup(from: Float32Array, to: Float32Array, D: number, N: number): void {
  for (let d = 0; d < D; d++) for (let n = 0; n < N; n++) to[d * N + n] = from[((d >> 2) * N + n) * 4 + (d & 3)];
}

/** Sums each four of `from` into one of `to`. */
function sumLanes(from: Float32Array, to: Float32Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) to[at + i] = from[4 * i] + from[4 * i + 1] + from[4 * i + 2] + from[4 * i + 3];
}
