// The selective scan of Mamba in AssemblyScript, four channels at a time in the lanes of a SIMD vector.
// Layout (float32): channels come in groups of four. Sequences are [frames, groups, 4]; what belongs to the state is
// [groups, states, 4]; B and C are [frames, states]. Addresses are bytes. The caller splits long sequences into chunks
// of frames and carries the state from one call to the next.

/** exp(x) with a relative error of 1e-7: 2^n · e^r, where |r| <= ln(2) / 2, and a polynomial for e^r (Cephes' expf). */
function exp(given: v128): v128 {
  const x = f32x4.max(f32x4.min(given, f32x4.splat(88)), f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  return f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23));
}

/** y_t = C_t h_t + skip x_t with h_t = exp(delta_t A) h_{t-1} + delta_t x_t B_t; `state` holds h, before and after. */
export function forward(
  frames: i32,
  groups: i32,
  states: i32,
  x: usize,
  delta: usize,
  A: usize,
  B: usize,
  C: usize,
  skip: usize,
  state: usize,
  y: usize,
): void {
  const row = (<usize>groups) << 4;
  const stateRow = (<usize>states) << 4;
  for (let group: usize = 0; group < <usize>groups; group++) {
    const a = A + group * stateRow;
    const h = state + group * stateRow;
    const skipped = v128.load(skip + (group << 4));
    let at = group << 4; // of this group in the row of frame t
    let b = B;
    let c = C;
    for (let t = 0; t < frames; t++) {
      const step = v128.load(delta + at);
      const input = v128.load(x + at);
      const scaled = f32x4.mul(step, input);
      let sum = f32x4.mul(skipped, input);
      for (let n: usize = 0; n < stateRow; n += 16) {
        const decay = exp(f32x4.mul(step, v128.load(a + n)));
        const next = f32x4.add(f32x4.mul(decay, v128.load(h + n)), f32x4.mul(scaled, v128.load32_splat(b)));
        v128.store(h + n, next);
        sum = f32x4.add(sum, f32x4.mul(next, v128.load32_splat(c)));
        b += 4;
        c += 4;
      }
      v128.store(y + at, sum);
      at += row;
    }
  }
}

/** The state alone: what {@link forward} leaves in `state`. */
export function advance(
  frames: i32,
  groups: i32,
  states: i32,
  x: usize,
  delta: usize,
  A: usize,
  B: usize,
  state: usize,
): void {
  const row = (<usize>groups) << 4;
  const stateRow = (<usize>states) << 4;
  for (let group: usize = 0; group < <usize>groups; group++) {
    const a = A + group * stateRow;
    const h = state + group * stateRow;
    let at = group << 4;
    let b = B;
    for (let t = 0; t < frames; t++) {
      const step = v128.load(delta + at);
      const scaled = f32x4.mul(step, v128.load(x + at));
      for (let n: usize = 0; n < stateRow; n += 16) {
        const decay = exp(f32x4.mul(step, v128.load(a + n)));
        v128.store(h + n, f32x4.add(f32x4.mul(decay, v128.load(h + n)), f32x4.mul(scaled, v128.load32_splat(b))));
        b += 4;
      }
      at += row;
    }
  }
}

/**
 * Gradients of a chunk whose first frame starts from `state`. `carry` holds exp(delta A) dL/dh of the frame after the
 * chunk, and afterwards that of its first frame. dA and dskip are added to; dB and dC are [frames, states, 4], added
 * to, for the caller to sum over the last axis. `history` and `decays` are room for [frames, states, 4] each.
 */
export function backward(
  frames: i32,
  groups: i32,
  states: i32,
  x: usize,
  delta: usize,
  A: usize,
  B: usize,
  C: usize,
  skip: usize,
  state: usize,
  dy: usize,
  carry: usize,
  dx: usize,
  ddelta: usize,
  dA: usize,
  dB: usize,
  dC: usize,
  dskip: usize,
  sumA: usize,
  history: usize,
  decays: usize,
): void {
  const row = (<usize>groups) << 4;
  const stateRow = (<usize>states) << 4;
  for (let group: usize = 0; group < <usize>groups; group++) {
    const a = A + group * stateRow;
    const first = state + group * stateRow;
    const g = carry + group * stateRow;
    const skipped = v128.load(skip + (group << 4));

    // Forward once more, now keeping the chunk's states and decays.
    let at = group << 4;
    let b = B;
    let h = history;
    let decay = decays;
    let before = first;
    for (let t = 0; t < frames; t++) {
      const step = v128.load(delta + at);
      const scaled = f32x4.mul(step, v128.load(x + at));
      for (let n: usize = 0; n < stateRow; n += 16) {
        const e = exp(f32x4.mul(step, v128.load(a + n)));
        v128.store(decay + n, e);
        v128.store(h + n, f32x4.add(f32x4.mul(e, v128.load(before + n)), f32x4.mul(scaled, v128.load32_splat(b))));
        b += 4;
      }
      before = h;
      h += stateRow;
      decay += stateRow;
      at += row;
    }

    // Backward. The chunk's part of dA is summed on its own first, so that long sequences lose little to rounding.
    memory.fill(sumA, 0, stateRow);
    let sumSkip = f32x4.splat(0);
    let c = C + ((<usize>frames * <usize>states) << 2);
    b = B + ((<usize>frames * <usize>states) << 2);
    for (let t = frames - 1; t >= 0; t--) {
      at -= row;
      h -= stateRow;
      decay -= stateRow;
      b -= (<usize>states) << 2;
      c -= (<usize>states) << 2;
      const previous = t > 0 ? h - stateRow : first;
      const db = dB + <usize>t * stateRow;
      const dc = dC + <usize>t * stateRow;
      const step = v128.load(delta + at);
      const input = v128.load(x + at);
      const scaled = f32x4.mul(step, input);
      const dOut = v128.load(dy + at);
      let viaB = f32x4.splat(0); // Σ_n dL/dh B
      let viaDecay = f32x4.splat(0); // Σ_n dL/d(delta A) A
      for (let n: usize = 0; n < stateRow; n += 16) {
        const e = v128.load(decay + n);
        const dh = f32x4.add(v128.load(g + n), f32x4.mul(dOut, v128.load32_splat(c + (n >> 2))));
        const dPrevious = f32x4.mul(dh, e);
        const dExponent = f32x4.mul(dPrevious, v128.load(previous + n));
        v128.store(g + n, dPrevious);
        v128.store(dc + n, f32x4.add(v128.load(dc + n), f32x4.mul(dOut, v128.load(h + n))));
        v128.store(db + n, f32x4.add(v128.load(db + n), f32x4.mul(dh, scaled)));
        v128.store(sumA + n, f32x4.add(v128.load(sumA + n), f32x4.mul(dExponent, step)));
        viaB = f32x4.add(viaB, f32x4.mul(dh, v128.load32_splat(b + (n >> 2))));
        viaDecay = f32x4.add(viaDecay, f32x4.mul(dExponent, v128.load(a + n)));
      }
      sumSkip = f32x4.add(sumSkip, f32x4.mul(dOut, input));
      v128.store(dx + at, f32x4.add(f32x4.mul(skipped, dOut), f32x4.mul(step, viaB)));
      v128.store(ddelta + at, f32x4.add(f32x4.mul(input, viaB), viaDecay));
    }
    const da = dA + group * stateRow;
    for (let n: usize = 0; n < stateRow; n += 16) v128.store(da + n, f32x4.add(v128.load(da + n), v128.load(sumA + n)));
    const ds = dskip + (group << 4);
    v128.store(ds, f32x4.add(v128.load(ds), sumSkip));
  }
}
