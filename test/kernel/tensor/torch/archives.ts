// Files of torch.save written by hand, honest and other.
import { crc32 } from "node:zlib";

/** How an entry of the archive may lie about itself. */
interface Lies {
  method?: number;
  size?: number;
  checksum?: number;
  offset?: number;
  flags?: number;
}

const u16 = (value: number) => [value & 255, (value >> 8) & 255];
const u32 = (value: number) => [...u16(value), ...u16(value >>> 16)];
const u64 = (value: number) => [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];

/** A zip archive whose entries are stored as they are. With `zip64`, all sizes and offsets stand where large files have them. */
export function zip(
  entries: readonly (readonly [name: string, data: Uint8Array, lies?: Lies])[],
  { zip64 = false, count = entries.length }: { zip64?: boolean; count?: number } = {},
): Uint8Array {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, data, lies = {}] of entries) {
    const { method = 0, size = data.length, checksum = crc32(data), offset = at, flags = 0 } = lies;
    const large = zip64 ? [...u16(1), ...u16(24), ...u64(size), ...u64(size), ...u64(offset)] : [];
    const sizes = zip64 ? [...u32(0xffffffff), ...u32(0xffffffff)] : [...u32(size), ...u32(size)];
    const common = [
      ...u16(45),
      ...u16(flags),
      ...u16(method),
      ...u32(0),
      ...u32(checksum),
      ...sizes,
      ...u16(name.length),
    ];
    files.push(Buffer.from([...u32(0x04034b50), ...common, ...u16(0)]), Buffer.from(name), data);
    directory.push(
      Buffer.from([...u32(0x02014b50), ...u16(45), ...common, ...u16(large.length), ...u16(0), ...u16(0), ...u16(0)]),
      Buffer.from([...u32(0), ...u32(zip64 ? 0xffffffff : offset)]),
      Buffer.from(name),
      Buffer.from(large),
    );
    at += 30 + name.length + data.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const record = [
    ...u32(0x06064b50),
    ...u64(44),
    ...u16(45),
    ...u16(45),
    ...u32(0),
    ...u32(0),
    ...u64(count),
    ...u64(count),
  ];
  const end64 = [...record, ...u64(length), ...u64(at), ...u32(0x07064b50), ...u32(0), ...u64(at + length), ...u32(1)];
  const counts = zip64 ? [...u16(0xffff), ...u16(0xffff)] : [...u16(count), ...u16(count)];
  const place = zip64 ? [...u32(0xffffffff), ...u32(0xffffffff)] : [...u32(length), ...u32(at)];
  const end = [...u32(0x06054b50), ...u16(0), ...u16(0), ...counts, ...place, ...u16(0)];
  return Buffer.concat([...files, ...directory, Buffer.from(zip64 ? end64 : []), Buffer.from(end)]);
}

/** What a checkpoint's archive holds beside this pickle: storage 0 of six float32, 1 to 6. */
export const checkpoint = (pickle: Uint8Array, options?: Parameters<typeof zip>[1]): Uint8Array =>
  zip(
    [
      ["archive/data.pkl", pickle],
      ["archive/byteorder", Buffer.from("little")],
      ["archive/data/0", new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)],
      ["archive/version", Buffer.from("3\n")],
    ],
    options,
  );

type Part = string | Uint8Array | readonly number[];
const bytes = (part: Part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Uint8Array.from(part));

/** A pickle of protocol 2 of these instructions, each as text, bytes or numbers. */
export const pickle = (...parts: Part[]): Uint8Array =>
  Buffer.concat([Buffer.from([0x80, 2]), ...parts.map(bytes), Buffer.from(".")]);

/** Instructions. */
export const text = (value: string): Uint8Array =>
  Buffer.concat([Buffer.from(["X".charCodeAt(0), ...u32(value.length)]), Buffer.from(value)]);
export const global = (module: string, name: string): string => `c${module}\n${name}\n`;
export const whole = (value: number): Uint8Array => {
  const long = Buffer.alloc(10, 0x8a);
  long[1] = 8;
  long.writeBigInt64LE(BigInt(value), 2);
  return long;
};
const join = (...parts: Part[]): Uint8Array => Buffer.concat(parts.map(bytes));
export const tuple = (...values: Part[]): Uint8Array => join("(", ...values, "t");
export const dict = (...values: Part[]): Uint8Array => join("}(", ...values, "u");
export const storage = (key = "0", type = "FloatStorage"): Uint8Array =>
  join(tuple(text("storage"), global("torch", type), text(key), text("cpu"), whole(6)), "Q");
/** A tensor of the storage; sizes may be any numbers. */
export const tensor = (
  offset: number,
  shape: readonly number[],
  stride: readonly number[],
  of = storage(),
): Uint8Array =>
  join(
    global("torch._utils", "_rebuild_tensor_v2"),
    tuple(of, whole(offset), tuple(...shape.map(whole)), tuple(...stride.map(whole)), [0x89], "}"),
    "R",
  );
