// The matrix that the scan unrolls to, y_i = Σ_j M_ij x_j: Σ |M_ij| over the channels, for a slice of the rows i.
//
// Between a chunk of 16 rows and an earlier frame j, decays are a product of two that are both at most 1, one from j to
// the chunk (in W) and one inside it (in U): M_ij = Σ_n U_in W_jn, which is a multiplication and an addition a state.
import { chunkFrames, job, roomBytes } from "./job.as";
import { power } from "./power.as";

/** Rows of a slice. */
const sliceRows: usize = 64;

export function unrollSlices(): usize {
  return (job.rows + sliceRows - 1) / sliceRows;
}

/**
 * Here `delta` is [channels, frames], frames a multiple of 16; A [channels, states], states a multiple of 4; B and C
 * [frames, states]; `y`, for each chunk of rows from `firstFrame` on, [frames, 16].
 */
export function unroll(slice: usize, thread: usize): void {
  const frames = job.frames;
  const stateRow = job.states << 2;
  const first = job.firstFrame + slice * sliceRows;
  const last = min(first + sliceRows, job.firstFrame + job.rows);
  const past = job.room + thread * roomBytes(frames, job.states); // W [frames, states]
  const decays = past + frames * stateRow; // exp(Δ_i A) [16, states]
  const reads = decays + chunkFrames * stateRow; // U [states, 16]
  const total = reads + chunkFrames * stateRow; // [states]
  const rows = job.y + ((slice * sliceRows * frames) << 2);
  memory.fill(rows, 0, ((last - first) * frames) << 2);
  for (let channel: usize = 0; channel < job.groups; channel++) {
    const delta = job.delta + ((channel * frames) << 2);
    const a = job.A + channel * stateRow;
    const skip = load<f32>(job.skip + (channel << 2));
    begin(first, delta, a, past);
    for (let chunk = first; chunk < last; chunk += chunkFrames) {
      const to = rows + (((chunk - first) * frames) << 2);
      openChunk(chunk, delta, a, decays, reads, total);
      reach(chunk, past, reads, total, to);
      within(chunk, delta, skip, decays, past, to);
    }
  }
}

/** W of the frames before the first: what is left at the first of a unit impulse at each. */
function begin(first: usize, delta: usize, a: usize, past: usize): void {
  const stateRow = job.states << 2;
  let since: f32 = 0;
  for (let j = first; j-- > 0; ) {
    const step = load<f32>(delta + (j << 2));
    const splat = f32x4.splat(step);
    for (let n: usize = 0; n < stateRow; n += 16) {
      const decay = power(f32x4.mul(f32x4.splat(since), v128.load(a + n)));
      const input = f32x4.mul(splat, v128.load(job.B + j * stateRow + n));
      v128.store(past + j * stateRow + n, f32x4.mul(decay, input));
    }
    since += step;
  }
}

/** Decays of a chunk's frames, U, and the decay through the whole chunk. */
function openChunk(chunk: usize, delta: usize, a: usize, decays: usize, reads: usize, total: usize): void {
  const stateRow = job.states << 2;
  for (let n: usize = 0; n < stateRow; n += 16) {
    let product = f32x4.splat(1);
    for (let i: usize = 0; i < chunkFrames; i++) {
      const decay = power(f32x4.mul(v128.load32_splat(delta + ((chunk + i) << 2)), v128.load(a + n)));
      product = f32x4.mul(product, decay);
      const read = f32x4.mul(product, v128.load(job.C + (chunk + i) * stateRow + n));
      v128.store(decays + i * stateRow + n, decay);
      const to = reads + (n << 4) + (i << 2);
      store<f32>(to, f32x4.extract_lane(read, 0));
      store<f32>(to, f32x4.extract_lane(read, 1), 64);
      store<f32>(to, f32x4.extract_lane(read, 2), 128);
      store<f32>(to, f32x4.extract_lane(read, 3), 192);
    }
    v128.store(total + n, product);
  }
}

/** A chunk's rows at all frames before it; W goes on to the end of the chunk. */
function reach(chunk: usize, past: usize, reads: usize, total: usize, rows: usize): void {
  const stateRow = job.states << 2;
  const end = past + chunk * stateRow;
  let to = rows;
  for (let w = past; w < end; w += stateRow) {
    let first = f32x4.splat(0);
    let second = first;
    let third = first;
    let fourth = first;
    let u = reads;
    for (let n: usize = 0; n < stateRow; n += 4) {
      const weight = v128.load32_splat(w + n);
      first = f32x4.add(first, f32x4.mul(weight, v128.load(u)));
      second = f32x4.add(second, f32x4.mul(weight, v128.load(u, 16)));
      third = f32x4.add(third, f32x4.mul(weight, v128.load(u, 32)));
      fourth = f32x4.add(fourth, f32x4.mul(weight, v128.load(u, 48)));
      u += 64;
    }
    v128.store(to, f32x4.add(v128.load(to), f32x4.abs(first)));
    v128.store(to, f32x4.add(v128.load(to, 16), f32x4.abs(second)), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), f32x4.abs(third)), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), f32x4.abs(fourth)), 48);
    to += 64;
    for (let n: usize = 0; n < stateRow; n += 16) v128.store(w + n, f32x4.mul(v128.load(w + n), v128.load(total + n)));
  }
}

/** A chunk's rows at its own frames, step by step; W of these. */
function within(chunk: usize, delta: usize, skip: f32, decays: usize, past: usize, rows: usize): void {
  const stateRow = job.states << 2;
  for (let j: usize = 0; j < chunkFrames; j++) {
    const w = past + (chunk + j) * stateRow;
    const to = rows + ((chunk + j) << 6);
    const step = v128.load32_splat(delta + ((chunk + j) << 2));
    for (let n: usize = 0; n < stateRow; n += 16)
      v128.store(w + n, f32x4.mul(step, v128.load(job.B + (chunk + j) * stateRow + n)));
    for (let i = j; i < chunkFrames; i++) {
      let sum = f32x4.splat(0);
      for (let n: usize = 0; n < stateRow; n += 16) {
        let state = v128.load(w + n);
        if (i > j) {
          state = f32x4.mul(state, v128.load(decays + i * stateRow + n));
          v128.store(w + n, state);
        }
        sum = f32x4.add(sum, f32x4.mul(state, v128.load(job.C + (chunk + i) * stateRow + n)));
      }
      const two = f32x4.add(sum, i32x4.shuffle(sum, sum, 2, 3, 0, 1));
      const response = f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1) + (i === j ? skip : 0);
      store<f32>(to + (i << 2), load<f32>(to + (i << 2)) + Mathf.abs(response));
    }
  }
}
