// The selective scan in WGSL. Frames are cut into chunks that run side by side, so that no thread walks through all of a
// long input: each chunk is scanned from zero, what flows from chunk to chunk is carried along, and then each chunk is
// scanned again from where it begins. The recurrence is that of tensor/selectiveScan.ts; a thread has one channel d.
import type { Program } from "./backend";

/** B utterances of T frames with D channels of N states. */
export interface ScanSizes {
  readonly B: number;
  readonly T: number;
  readonly D: number;
  readonly N: number;
}

/** Frames in a chunk: what is kept of each chunk, N states a channel, is then about as large as the input. */
export const chunk = 16;
/** Channels that one workgroup has. */
export const lanes = 64;

export const chunksOf = ({ T }: ScanSizes): number => Math.ceil(T / chunk);
export const groupsOf = ({ D }: ScanSizes): number => Math.ceil(D / lanes);

/** Uniforms of all programs. */
export const uniformsOf = (sizes: ScanSizes): { type: "int32"; data: number[] }[] =>
  [sizes.B, sizes.T, sizes.D, chunksOf(sizes)].map((size) => ({ type: "int32", data: [size] }));

/** Which way the states run: those of the scan forwards, their gradients backwards. */
export type Direction = "forwards" | "backwards";

abstract class ScanProgram implements Program {
  readonly uniforms = "batch : i32, frames : i32, channels : i32, chunks : i32, ";
  readonly workgroupSize: [number, number, number] = [lanes, 1, 1];
  readonly dispatchLayout = { x: [0] };
  readonly dispatch: [number, number, number];
  readonly shaderKey: string;
  abstract readonly variableNames: string[];

  constructor(
    protected readonly states: number,
    readonly outputShape: number[],
    workgroups: number,
    direction: Direction = "forwards",
  ) {
    this.dispatch = [workgroups, 1, 1];
    this.shaderKey = `selectiveScan ${new.target.name} ${direction} ${states}`;
  }

  abstract getUserCode(): string;
}

/** A thread for each chunk of each channel. */
const perChunk = ({ B, D }: ScanSizes, chunks: number): number => Math.ceil((B * chunks * D) / lanes);

const whichChunk = `
  if (index >= uniforms.batch * uniforms.chunks * uniforms.channels) { return; }
  let d = index % uniforms.channels;
  let k = (index / uniforms.channels) % uniforms.chunks;
  let b = index / (uniforms.channels * uniforms.chunks);
  let first = k * ${chunk};
  let end = min(first + ${chunk}, uniforms.frames);`;

/**
 * Each chunk scanned as if nothing came before it. Forwards: values x, map B; backwards: values dy, map C.
 * Gives [B, chunks, D, N + 1]: what flows out of the chunk, and the sum of its steps, by which what flows in decays.
 */
export class ChunkProgram extends ScanProgram {
  readonly variableNames = ["values", "steps", "decay", "map"];

  constructor(
    sizes: ScanSizes,
    private readonly direction: Direction,
  ) {
    const chunks = chunksOf(sizes);
    super(sizes.N, [sizes.B, chunks, sizes.D, sizes.N + 1], perChunk(sizes, chunks), direction);
  }

  getUserCode(): string {
    const { states } = this;
    const [loop, next] =
      this.direction === "forwards"
        ? ["var t = first; t < end; t++", "factor * flow[n] + step * values[at] * map[row + n]"]
        : ["var t = end - 1; t >= first; t--", "factor * (flow[n] + values[at] * map[row + n])"];
    return `
fn main(index : i32) {
  ${whichChunk}
  var flow : array<f32, ${states}>;
  var total = 0.0;
  for (${loop}) {
    let at = (b * uniforms.frames + t) * uniforms.channels + d;
    let row = (b * uniforms.frames + t) * ${states};
    let step = steps[at];
    total += step;
    for (var n = 0; n < ${states}; n++) {
      let factor = exp(step * decay[d * ${states} + n]);
      flow[n] = ${next};
    }
  }
  for (var n = 0; n < ${states}; n++) { result[index * ${states + 1} + n] = flow[n]; }
  result[index * ${states + 1} + ${states}] = total;
}`;
  }
}

/** From chunk to chunk: what flows into each, [B, chunks, D, N]. A thread for each state. */
export class CarryProgram extends ScanProgram {
  readonly variableNames = ["local", "decay"];

  constructor(
    sizes: ScanSizes,
    private readonly direction: Direction,
  ) {
    const { B, D, N } = sizes;
    super(N, [B, chunksOf(sizes), D, N], Math.ceil((B * D * N) / lanes), direction);
  }

  getUserCode(): string {
    const { states } = this;
    const k = this.direction === "forwards" ? "i" : "uniforms.chunks - 1 - i";
    return `
fn main(index : i32) {
  if (index >= uniforms.batch * uniforms.channels * ${states}) { return; }
  let n = index % ${states};
  let d = (index / ${states}) % uniforms.channels;
  let b = index / (${states} * uniforms.channels);
  var flow = 0.0;
  for (var i = 0; i < uniforms.chunks; i++) {
    let at = (b * uniforms.chunks + ${k}) * uniforms.channels + d;
    result[at * ${states} + n] = flow;
    let factor = exp(local[at * ${states + 1} + ${states}] * decay[d * ${states} + n]);
    flow = factor * flow + local[at * ${states + 1} + n];
  }
}`;
  }
}

/** y [B, T, D], each chunk from the states that flow into it. */
export class OutputProgram extends ScanProgram {
  readonly variableNames = ["values", "steps", "decay", "inputMap", "outputMap", "skip", "starts"];

  constructor(sizes: ScanSizes) {
    super(sizes.N, [sizes.B, sizes.T, sizes.D], perChunk(sizes, chunksOf(sizes)));
  }

  getUserCode(): string {
    const { states } = this;
    return `
fn main(index : i32) {
  ${whichChunk}
  var state : array<f32, ${states}>;
  for (var n = 0; n < ${states}; n++) { state[n] = starts[index * ${states} + n]; }
  for (var t = first; t < end; t++) {
    let at = (b * uniforms.frames + t) * uniforms.channels + d;
    let row = (b * uniforms.frames + t) * ${states};
    let step = steps[at];
    var y = skip[d] * values[at];
    for (var n = 0; n < ${states}; n++) {
      state[n] = exp(step * decay[d * ${states} + n]) * state[n] + step * values[at] * inputMap[row + n];
      y += state[n] * outputMap[row + n];
    }
    result[at] = y;
  }
}`;
  }
}

/** Where the parts of what {@link GradientProgram} gives begin, and how much there is in all. */
export function gradientParts(sizes: ScanSizes): { parameters: number; maps: number; size: number } {
  const { B, T, D, N } = sizes;
  const parameters = 2 * B * T * D;
  const maps = parameters + B * chunksOf(sizes) * D * (N + 1);
  return { parameters, maps, size: maps + groupsOf(sizes) * B * T * 2 * N };
}

/**
 * All gradients, from the states that flow into each chunk (`starts`) and the gradients that flow back into it (`flows`).
 * With λ_t the gradient of h_t: λ_t = C_t dy_t + exp(delta_(t+1) A) λ_(t+1), and from it, with μ_t = exp(delta_t A) λ_t:
 *
 *     dx_t = delta_t Σ_n λ_t B_t + skip dy_t        ddelta_t = Σ_n (λ_t B_t x_t + μ_t h_(t-1) A)
 *     dA = Σ_t μ_t h_(t-1) delta_t                  dskip = Σ_t dy_t x_t
 *     dB_t = Σ_d λ_t delta_t x_t                    dC_t = Σ_d dy_t h_t
 *
 * A program has one output and few inputs, so: `maps` is B and C side by side [B, T, 2 N], `channel` is A and skip
 * [D, N + 1], and the output is one array of dx and ddelta [2, B, T, D], then dA and dskip still to be summed over
 * chunks [B, chunks, D, N + 1], then dB and dC still to be summed over groups of channels [groups, B, T, 2 N].
 */
export class GradientProgram extends ScanProgram {
  readonly variableNames = ["values", "steps", "channel", "maps", "gradients", "starts", "flows"];

  constructor(sizes: ScanSizes) {
    super(sizes.N, [gradientParts(sizes).size], sizes.B * chunksOf(sizes) * groupsOf(sizes));
  }

  getUserCode(): string {
    const { states } = this;
    // No thread may return early, or be left out of a loop: all of a group must come to each barrier.
    return `
var<workgroup> shares : array<f32, ${2 * chunk * lanes}>; // [dB or dC, frame, lane]

fn main(index : i32) {
  let groups = (uniforms.channels + ${lanes - 1}) / ${lanes};
  let lane = index % ${lanes};
  let group = (index / ${lanes}) % groups;
  let k = (index / (${lanes} * groups)) % uniforms.chunks;
  let b = index / (${lanes} * groups * uniforms.chunks);
  let d = group * ${lanes} + lane;
  let inside = d < uniforms.channels && b < uniforms.batch;
  let frames = select(0, min(${chunk}, uniforms.frames - k * ${chunk}), inside);
  let whole = uniforms.batch * uniforms.frames * uniforms.channels;
  let first = (b * uniforms.frames + k * ${chunk}) * uniforms.channels + d; // of this channel in the chunk
  let row = (b * uniforms.frames + k * ${chunk}) * ${2 * states};           // of B and C in the chunk
  let own = (b * uniforms.chunks + k) * uniforms.channels + d;              // of this chunk and channel
  let rows = select(0, min(${chunk}, uniforms.frames - k * ${chunk}), b < uniforms.batch);

  var x : array<f32, ${chunk}>;
  var step : array<f32, ${chunk}>;
  var dy : array<f32, ${chunk}>;
  var dskip = 0.0;
  for (var t = 0; t < frames; t++) {
    let at = first + t * uniforms.channels;
    x[t] = values[at]; step[t] = steps[at]; dy[t] = gradients[at];
    dskip += dy[t] * x[t];
  }
  var toInput : array<f32, ${chunk}>; // Σ_n λ B
  var toStep : array<f32, ${chunk}>;  // Σ_n μ h A
  for (var n = 0; n < ${states}; n++) {
    var decay = 0.0; var state = 0.0; var flow = 0.0;
    if (inside) {
      decay = channel[d * ${states + 1} + n]; state = starts[own * ${states} + n]; flow = flows[own * ${states} + n];
    }
    var before : array<f32, ${chunk}>;
    for (var t = 0; t < ${chunk}; t++) {
      before[t] = state;
      if (t < frames) {
        state = exp(step[t] * decay) * state + step[t] * x[t] * maps[row + t * ${2 * states} + n];
      }
      shares[(${chunk} + t) * ${lanes} + lane] = dy[t] * state;
    }
    var dDecay = 0.0;
    for (var t = ${chunk} - 1; t >= 0; t--) {
      var share = 0.0;
      if (t < frames) {
        let input = maps[row + t * ${2 * states} + n];
        let lambda = maps[row + t * ${2 * states} + ${states} + n] * dy[t] + flow;
        flow = exp(step[t] * decay) * lambda;
        toInput[t] += lambda * input;
        toStep[t] += flow * before[t] * decay;
        dDecay += flow * before[t] * step[t];
        share = lambda * step[t] * x[t];
      }
      shares[t * ${lanes} + lane] = share;
    }
    let parameters = 2 * whole + own * ${states + 1};
    if (inside) { result[parameters + n] = dDecay; }

    workgroupBarrier();
    if (lane < ${2 * chunk} && lane % ${chunk} < rows) {
      var sum = 0.0;
      for (var i = 0; i < ${lanes}; i++) { sum += shares[lane * ${lanes} + i]; }
      let all = 2 * whole + uniforms.batch * uniforms.chunks * uniforms.channels * ${states + 1};
      let rowOfGroup = (group * uniforms.batch + b) * uniforms.frames + k * ${chunk} + lane % ${chunk};
      result[all + (rowOfGroup * 2 + lane / ${chunk}) * ${states} + n] = sum;
    }
    workgroupBarrier();
  }
  if (inside) { result[2 * whole + own * ${states + 1} + ${states}] = dskip; }
  for (var t = 0; t < frames; t++) {
    let at = first + t * uniforms.channels;
    result[at] = step[t] * toInput[t] + channel[d * ${states + 1} + ${states}] * dy[t];
    result[whole + at] = x[t] * toInput[t] + toStep[t];
  }
}`;
  }
}
