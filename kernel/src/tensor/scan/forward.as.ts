import { job, sliceGroups } from "./job.as";
import { power } from "./power.as";

/** y_t = C_t h_t + skip x_t with h_t = exp(delta_t A) h_{t-1} + delta_t x_t B_t for a slice of the channels. */
export function forward(slice: usize): void {
  const last = min((slice + 1) * sliceGroups, job.groups);
  for (let group = slice * sliceGroups; group < last; group++) forwardGroup(group);
}

function forwardGroup(group: usize): void {
  const x = job.x;
  const delta = job.delta;
  const y = job.y;
  const row = job.groups << 4;
  const stateRow = job.states << 4;
  const a = job.A + group * stateRow;
  const h = job.state + group * stateRow;
  const skip = v128.load(job.skip + (group << 4));
  const end = job.frames * row;
  let b = job.B;
  let c = job.C;
  for (let at = group << 4; at < end; at += row) {
    const step = v128.load(delta + at);
    const input = v128.load(x + at);
    const scaled = f32x4.mul(step, input);
    let sum = f32x4.mul(skip, input);
    // Two states at a time: the loop costs as much as a quarter of one.
    for (let n: usize = 0; n < stateRow; n += 32) {
      const first = next(step, scaled, v128.load(a + n), v128.load(h + n), v128.load32_splat(b));
      const second = next(step, scaled, v128.load(a + n, 16), v128.load(h + n, 16), v128.load32_splat(b, 4));
      v128.store(h + n, first);
      v128.store(h + n, second, 16);
      sum = f32x4.add(sum, f32x4.mul(first, v128.load32_splat(c)));
      sum = f32x4.add(sum, f32x4.mul(second, v128.load32_splat(c, 4)));
      b += 8;
      c += 8;
    }
    v128.store(y + at, sum);
  }
}

function next(step: v128, scaled: v128, a: v128, h: v128, b: v128): v128 {
  return f32x4.add(f32x4.mul(power(f32x4.mul(step, a)), h), f32x4.mul(scaled, b));
}
