// Values of a safetensors file as TensorFlow.js can hold them: float32, int32 and bool.

/** Bytes that one value of each type takes. */
export const bytesPerValue: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  U8: 1,
  BOOL: 1,
};

/** Values ready for a tensor. */
export type Decoded =
  | { data: Float32Array; dtype: "float32" }
  | { data: Int32Array; dtype: "int32" }
  | { data: Uint8Array; dtype: "bool" };

const decoders: Record<string, (bytes: ArrayBuffer) => Decoded> = {
  F64: (bytes) => ({ data: Float32Array.from(new Float64Array(bytes)), dtype: "float32" }),
  F32: (bytes) => ({ data: new Float32Array(bytes), dtype: "float32" }),
  F16: (bytes) => ({ data: Float32Array.from(new Uint16Array(bytes), fromHalf), dtype: "float32" }),
  BF16: (bytes) => ({ data: fromBrainFloats(new Uint16Array(bytes)), dtype: "float32" }),
  I64: (bytes) => ({ data: fromLongs(new BigInt64Array(bytes)), dtype: "int32" }),
  I32: (bytes) => ({ data: new Int32Array(bytes), dtype: "int32" }),
  U8: (bytes) => ({ data: Int32Array.from(new Uint8Array(bytes)), dtype: "int32" }),
  BOOL: (bytes) => ({ data: Uint8Array.from(new Uint8Array(bytes), (value) => (value ? 1 : 0)), dtype: "bool" }),
};

/**
 * Decodes the bytes of a tensor.
 *
 * @throws TypeError if the type is not one of {@link bytesPerValue}.
 * @throws RangeError if a 64-bit whole number does not fit 32 bits.
 */
export function decode(dtype: string, bytes: ArrayBuffer): Decoded {
  if (Object.hasOwn(decoders, dtype)) return decoders[dtype](bytes);
  throw new TypeError(`its type must be one of ${Object.keys(decoders).join(", ")}, got ${dtype}`);
}

/** IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function fromBrainFloats(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

function fromLongs(longs: BigInt64Array): Int32Array {
  const large = longs.find((value) => BigInt.asIntN(32, value) !== value);
  if (large !== undefined) throw new RangeError(`its whole numbers must fit 32 bits, got ${large}`);
  return Int32Array.from(longs, Number);
}
