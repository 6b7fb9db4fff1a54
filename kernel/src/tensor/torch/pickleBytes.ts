// The arguments of a pickle's instructions, one behind the other.

const longestName = 256;
const longestLong = 16; // bytes of a whole number: more than any that a checkpoint counts with

/** Reads numbers and text from a pickle; every read is held to its end. */
export class PickleBytes {
  /** Where the next byte is read. */
  at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** So many bytes, not copied. */
  take(length: number): Uint8Array {
    const begin = this.at;
    if (length > this.bytes.length - begin) {
      throw new Error(`its pickle must have ${length} bytes from byte ${begin} on, got ${this.bytes.length - begin}`);
    }
    this.at += length;
    return this.bytes.subarray(begin, this.at);
  }

  /** A whole number of 1, 2, 4 or 8 bytes. */
  unsigned(length: 1 | 2 | 4 | 8): number {
    const at = this.at;
    this.take(length);
    if (length === 1) return this.bytes[at];
    if (length === 2) return this.view.getUint16(at, true);
    return length === 4 ? this.view.getUint32(at, true) : Number(this.view.getBigUint64(at, true));
  }

  signed32(): number {
    this.take(4);
    return this.view.getInt32(this.at - 4, true);
  }

  float(): number {
    this.take(8);
    return this.view.getFloat64(this.at - 8, false); // the one big-endian number of the format
  }

  /** A whole number in two's complement, a bigint where a number may not hold it. */
  long(length: number): number | bigint {
    if (length > longestLong) throw new Error(`its pickle's whole numbers must take at most 16 bytes, got ${length}`);
    const digits = [...this.take(length)].reverse().map((byte) => byte.toString(16).padStart(2, "0"));
    const value = BigInt.asIntN(8 * length, BigInt(`0x0${digits.join("")}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** Text in UTF-8, in which Python may have left halves of surrogate pairs. */
  text(length: number): string {
    const { buffer, byteOffset, byteLength } = this.take(length);
    return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0 || end - this.at > longestName) {
      throw new Error(`its pickle's names must have at most ${longestName} characters, got more at byte ${this.at}`);
    }
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** A frame says how many bytes belong together, for readers of streams. */
  skipFrame(): void {
    const length = this.unsigned(8);
    if (length > this.bytes.length - this.at) {
      throw new Error(`its pickle must have a frame of ${length} bytes, got ${this.bytes.length - this.at}`);
    }
  }
}
