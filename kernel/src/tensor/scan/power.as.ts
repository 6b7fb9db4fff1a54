/**
 * 2^x for x ≤ 0, with a relative error of 2e-7; below -126 it stays at 2^-126. With x = n + r and |r| ≤ 1/2: a polynomial
 * for 2^r (minimax, and 1 at 0), and n added to its exponent.
 */
export function power(given: v128): v128 {
  const x = f32x4.pmax(f32x4.splat(-126), given);
  const shifted = f32x4.add(x, f32x4.splat(12582912)); // 1.5 · 2^23: what is left of x in the lowest bits is n
  const r = f32x4.sub(x, f32x4.sub(shifted, f32x4.splat(12582912)));
  let p = f32x4.splat(0.001326472731307149);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.009671512991189957));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.05550733581185341));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.24022242426872253));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.6931470036506653));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}
