// Dropout of a run of numbers, four at a time. A number is kept or dropped by a hash of its place, see ../dropout.ts.

@unmanaged
class Drop {
  /** How many numbers, in fours; they are changed where they lie. */
  vectors: usize;
  values: usize;
  /** Place of the first number. */
  first: u32;
  key0: u32;
  key1: u32;
  /** Kept is what has a hash of at least this, both as signed numbers. */
  least: i32;
  /** What is kept is multiplied by this. */
  scale: f32;
}

/** Where the caller writes what is to be done, in the order above. */
export const drop = changetype<Drop>(512);

/** What a thread takes at a time. */
const sliceVectors: usize = 2048;

export function dropSlices(): usize {
  return (drop.vectors + sliceVectors - 1) / sliceVectors;
}

export function dropout(slice: usize): void {
  const from = slice * sliceVectors;
  const end = drop.values + (min(from + sliceVectors, drop.vectors) << 4);
  const key0 = i32x4.splat(drop.key0);
  const key1 = i32x4.splat(drop.key1);
  const least = i32x4.splat(drop.least);
  const scale = f32x4.splat(drop.scale);
  const next = i32x4.splat(4);
  let place = i32x4.add(i32x4.splat(drop.first + <u32>(from << 2)), i32x4(0, 1, 2, 3));
  for (let at = drop.values + (from << 4); at < end; at += 16) {
    const hash = mixed(v128.xor(mixed(v128.xor(place, key0)), key1));
    v128.store(at, v128.and(i32x4.ge_s(hash, least), f32x4.mul(v128.load(at), scale)));
    place = i32x4.add(place, next);
  }
}

/** The finaliser of MurmurHash3. */
function mixed(h: v128): v128 {
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}
