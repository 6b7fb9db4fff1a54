// The scan over a whole batch: windows of frames go through the compiled functions one after the other, so that what
// is copied stays small however long the sequences are.
import { openJob, slicesOf } from "./job";
import { group, readRows, type Source, type Target, ungroup, writeRows } from "./layout";

/** Sizes: batch, frames, channels and states. */
export interface ScanSizes {
  B: number;
  T: number;
  D: number;
  N: number;
}

/** What the op is given, as {@link selectiveScan} names it. */
export type ScanInput = "x" | "delta" | "A" | "B" | "C" | "skip";

const longestWindow = 2048;

/** y: [B, T, D]. */
export function scanForward(sizes: ScanSizes, inputs: Record<ScanInput, Source>, y: Target): void {
  const { B, T, D, N } = sizes;
  const { groups, width, states, window } = layout(sizes);
  const sequence = window * width;
  const map = window * states;
  const state = width * states;
  const { values, compute } = openJob(
    { frames: window, groups, states },
    { x: sequence, delta: sequence, y: sequence, B: map, C: map, A: state, state, skip: width },
  );
  group(inputs.A, D, N, values.A, states);
  readRows(inputs.skip, 0, D, values.skip, width, 1);
  for (let b = 0; b < B; b++) {
    values.state.fill(0);
    for (let t = 0; t < T; t += window) {
      const frames = Math.min(window, T - t);
      const from = b * T + t;
      for (const name of ["x", "delta"] as const) readRows(inputs[name], from, D, values[name], width, frames);
      for (const name of ["B", "C"] as const) readRows(inputs[name], from, N, values[name], states, frames);
      compute("forward", frames);
      writeRows(values.y, width, y, from, D, frames);
    }
  }
}

/** Gradients of sum(y dy). Of the states, those at the start of each window are kept. */
export function scanBackward(
  sizes: ScanSizes,
  inputs: Record<ScanInput | "dy", Source>,
  gradients: Record<ScanInput, Target>,
): void {
  const { B, T, D, N } = sizes;
  const { groups, width, states, window } = layout(sizes);
  const windows = Math.ceil(T / window);
  const slices = slicesOf(groups);
  const sequence = window * width;
  const map = window * states;
  const state = width * states;
  const { values, compute, sumRows } = openJob(
    { frames: window, groups, states },
    {
      ...{ x: sequence, delta: sequence, dy: sequence, dx: sequence, ddelta: sequence, y: windows > 1 ? sequence : 0 },
      ...{ B: map, C: map, dB: slices * map, dC: slices * map },
      ...{ A: state, dA: state, state, carry: state, skip: width, dskip: width },
    },
  );
  group(inputs.A, D, N, values.A, states);
  readRows(inputs.skip, 0, D, values.skip, width, 1);
  values.dA.fill(0);
  values.dskip.fill(0);
  const starts = new Float32Array(windows * state);
  for (let b = 0; b < B; b++) {
    values.state.fill(0);
    for (let k = 0; k < windows - 1; k++) {
      compute("forward", load(b, k));
      starts.set(values.state, (k + 1) * state);
    }
    values.carry.fill(0);
    for (let k = windows - 1; k >= 0; k--) {
      const frames = load(b, k);
      const from = b * T + k * window;
      readRows(inputs.dy, from, D, values.dy, width, frames);
      values.state.set(starts.subarray(k * state, (k + 1) * state));
      compute("gradient", frames);
      writeRows(values.dx, width, gradients.x, from, D, frames);
      writeRows(values.ddelta, width, gradients.delta, from, D, frames);
      for (const name of ["dB", "dC"] as const) sumRows(name, slices, frames * states);
      writeRows(values.dB, states, gradients.B, from, N, frames);
      writeRows(values.dC, states, gradients.C, from, N, frames);
    }
  }
  ungroup(values.dA, states, gradients.A, D, N);
  writeRows(values.dskip, width, gradients.skip, 0, D, 1);

  /** Copies what the states of window `k` depend on, and its output map; returns its frames. */
  function load(b: number, k: number): number {
    const frames = Math.min(window, T - k * window);
    const from = b * T + k * window;
    for (const name of ["x", "delta"] as const) readRows(inputs[name], from, D, values[name], width, frames);
    for (const name of ["B", "C"] as const) readRows(inputs[name], from, N, values[name], states, frames);
    return frames;
  }
}

/** Channels come in groups of four, states in pairs. */
function layout({ T, D, N }: ScanSizes) {
  const groups = Math.ceil(D / 4);
  return { groups, width: groups * 4, states: Math.ceil(N / 2) * 2, window: Math.min(T, longestWindow) };
}
