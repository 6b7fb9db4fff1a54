// The gradient of a slice of the channels. States are kept at the start of each chunk of frames only, and computed again
// from there on the way back.
import { chunkFrames, job, roomBytes, sliceGroups } from "./job.as";
import { power } from "./power.as";

/** Gradients of sum(y dy) for a slice, in a thread's own room. */
export function gradient(slice: usize, thread: usize): void {
  const stateRow = job.states << 4;
  const firstGroup = slice * sliceGroups;
  const groups = min(sliceGroups, job.groups - firstGroup);
  const chunks = (job.frames + chunkFrames - 1) / chunkFrames;
  const chunkBytes = chunkFrames * stateRow;
  const decays = job.room + thread * roomBytes(job.frames, job.states);
  const history = decays + chunkBytes; // of the frame before the chunk, too
  const dB = history + chunkBytes + stateRow;
  const dC = dB + chunkBytes;
  const dA = dC + chunkBytes; // one chunk's of one group, so that long sequences lose little to rounding
  const starts = dA + stateRow; // [chunks, sliceGroups, states, 4]

  for (let i: usize = 0; i < groups; i++) {
    memory.copy(starts + i * stateRow, job.state + (firstGroup + i) * stateRow, stateRow);
    for (let chunk: usize = 1; chunk < chunks; chunk++) {
      const start = starts + ((chunk - 1) * sliceGroups + i) * stateRow;
      replay(firstGroup + i, (chunk - 1) * chunkFrames, chunkFrames, start, history, decays);
      memory.copy(start + sliceGroups * stateRow, history + chunkBytes, stateRow);
    }
  }
  for (let chunk = chunks; chunk-- > 0; ) {
    const from = chunk * chunkFrames;
    const frames = min(chunkFrames, job.frames - from);
    memory.fill(dB, 0, 2 * chunkBytes);
    for (let i: usize = 0; i < groups; i++) {
      const start = starts + (chunk * sliceGroups + i) * stateRow;
      replay(firstGroup + i, from, frames, start, history, decays);
      memory.fill(dA, 0, stateRow);
      back(firstGroup + i, from, frames, history, decays, dA, dB, dC);
      const total = job.dA + (firstGroup + i) * stateRow;
      for (let n: usize = 0; n < stateRow; n += 16)
        v128.store(total + n, f32x4.add(v128.load(total + n), v128.load(dA + n)));
    }
    const numbers = frames * job.states;
    const at = (slice * job.frames + from) * job.states;
    sumLanes(dB, job.dB + (at << 2), numbers);
    sumLanes(dC, job.dC + (at << 2), numbers);
  }
}

/** Forward through a chunk from its first state, keeping states and decays. */
function replay(group: usize, from: usize, frames: usize, start: usize, history: usize, decays: usize): void {
  const row = job.groups << 4;
  const stateRow = job.states << 4;
  const x = job.x;
  const delta = job.delta;
  const a = job.A + group * stateRow;
  let b = job.B + ((from * job.states) << 2);
  let decay = decays;
  memory.copy(history, start, stateRow);
  let h = history;
  const end = (from + frames) * row;
  for (let at = from * row + (group << 4); at < end; at += row) {
    const step = v128.load(delta + at);
    const scaled = f32x4.mul(step, v128.load(x + at));
    for (let n: usize = 0; n < stateRow; n += 16) {
      const e = power(f32x4.mul(step, v128.load(a + n)));
      v128.store(decay + n, e);
      v128.store(h + stateRow + n, f32x4.add(f32x4.mul(e, v128.load(h + n)), f32x4.mul(scaled, v128.load32_splat(b))));
      b += 4;
    }
    h += stateRow;
    decay += stateRow;
  }
}

/** Back through a chunk that was replayed. Added to: dA [states, 4], dB and dC [frames, states, 4]. */
function back(
  group: usize,
  from: usize,
  frames: usize,
  history: usize,
  decays: usize,
  dA: usize,
  dB: usize,
  dC: usize,
): void {
  const row = job.groups << 4;
  const stateRow = job.states << 4;
  const x = job.x;
  const delta = job.delta;
  const dy = job.dy;
  const dx = job.dx;
  const ddelta = job.ddelta;
  const B = job.B;
  const C = job.C;
  const a = job.A + group * stateRow;
  const carry = job.carry + group * stateRow;
  const dskip = job.dskip + (group << 4);
  const skip = v128.load(job.skip + (group << 4));
  let sumSkip = v128.load(dskip);
  for (let t = frames; t-- > 0; ) {
    const at = (from + t) * row + (group << 4);
    const b = B + (((from + t) * job.states) << 2);
    const c = C + (((from + t) * job.states) << 2);
    const decay = decays + t * stateRow;
    const h = history + t * stateRow; // of the frame before; the frame's own comes after it
    const db = dB + t * stateRow;
    const dc = dC + t * stateRow;
    const step = v128.load(delta + at);
    const input = v128.load(x + at);
    const scaled = f32x4.mul(step, input);
    const dOut = v128.load(dy + at);
    let viaB = f32x4.splat(0); // Σ_n dL/dh B
    let viaDecay = f32x4.splat(0); // Σ_n dL/d(delta A) A / ln 2
    for (let n: usize = 0; n < stateRow; n += 16) {
      const dh = f32x4.add(v128.load(carry + n), f32x4.mul(dOut, v128.load32_splat(c + (n >> 2))));
      const dPrevious = f32x4.mul(dh, v128.load(decay + n));
      const dExponent = f32x4.mul(dPrevious, v128.load(h + n));
      v128.store(carry + n, dPrevious);
      v128.store(dc + n, f32x4.add(v128.load(dc + n), f32x4.mul(dOut, v128.load(h + stateRow + n))));
      v128.store(db + n, f32x4.add(v128.load(db + n), f32x4.mul(dh, scaled)));
      v128.store(dA + n, f32x4.add(v128.load(dA + n), f32x4.mul(dExponent, step)));
      viaB = f32x4.add(viaB, f32x4.mul(dh, v128.load32_splat(b + (n >> 2))));
      viaDecay = f32x4.add(viaDecay, f32x4.mul(dExponent, v128.load(a + n)));
    }
    sumSkip = f32x4.add(sumSkip, f32x4.mul(dOut, input));
    v128.store(dx + at, f32x4.add(f32x4.mul(skip, dOut), f32x4.mul(step, viaB)));
    v128.store(ddelta + at, f32x4.add(f32x4.mul(input, viaB), f32x4.mul(f32x4.splat(<f32>Math.LN2), viaDecay)));
  }
  v128.store(dskip, sumSkip);
}

/** Sums each four of `from` into one of `to`; four at a time. */
function sumLanes(from: usize, to: usize, numbers: usize): void {
  for (let i: usize = 0; i < numbers; i++) {
    const four = v128.load(from + (i << 4));
    const two = f32x4.add(four, i32x4.shuffle(four, four, 2, 3, 0, 1));
    store<f32>(to + (i << 2), f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1));
  }
}
