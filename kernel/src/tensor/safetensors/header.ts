// The header of a safetensors file: where each tensor lies, checked so that nothing outside the file is ever read.
import { readSync } from "node:fs";
import { bytesPerValue } from "./values";

/** One tensor of the header; `begin` and `end` count bytes from the first behind the header. */
export interface Entry {
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

/** What can be written: a tensor, or what gives its values later. */
export interface Writable {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  data(): Promise<Float32Array | Int32Array | Uint8Array | string[]>;
}

/** A header that was found to be valid. */
export interface Header {
  metadata: Record<string, string>;
  /** In the order of the file. */
  entries: Map<string, Entry>;
  /** Where the values begin. */
  dataStart: number;
}

const lengthBytes = 8;
const longestHeader = 100 * 2 ** 20; // as in the format's own reader

/**
 * Reads and checks the header of an open file.
 *
 * @throws Error that says which rule of the format is broken; the caller names the file.
 */
export function parseHeader(file: number, fileSize: number): Header {
  if (fileSize < lengthBytes) throw new Error(`its first 8 bytes must tell the header's length, got ${fileSize} bytes`);
  const length = Number(new DataView(readBytes(file, 0, lengthBytes)).getBigUint64(0, true));
  const most = Math.min(longestHeader, fileSize - lengthBytes);
  if (length > most) throw new Error(`its header must be at most ${most} bytes long, got ${length}`);
  const dataStart = lengthBytes + length;
  const described = parseObject(readBytes(file, lengthBytes, length));
  const metadata = checkMetadata(described.__metadata__ ?? {});
  const entries = Object.entries(described)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]): [string, Entry] => [name, checkEntry(name, entry)])
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, fileSize - dataStart);
  return { metadata, entries: new Map(entries), dataStart };
}

/**
 * The header for these tensors, and the order in which their values follow: widest first, which keeps all aligned.
 *
 * @throws TypeError if a tensor or the metadata cannot be written.
 */
export function encodeHeader(
  tensors: Readonly<Record<string, Writable>>,
  metadata: Readonly<Record<string, string>>,
): { header: Uint8Array; order: string[] } {
  const described: [string, unknown][] = [["__metadata__", checkMetadata(metadata)]];
  const written: Record<string, string> = { float32: "F32", int32: "I32", bool: "BOOL" };
  for (const [name, { dtype }] of Object.entries(tensors)) {
    if (name === "__metadata__")
      throw new TypeError('Cannot write a tensor named "__metadata__": the format uses the name');
    if (!written[dtype])
      throw new TypeError(`Cannot write the tensor "${name}": it must be float32, int32 or bool, got ${dtype}`);
  }
  const width = (name: string) => bytesPerValue[written[tensors[name].dtype]];
  const order = Object.keys(tensors).sort((a, b) => width(b) - width(a));
  let begin = 0;
  for (const name of order) {
    const { dtype, shape, size } = tensors[name];
    const end = begin + size * width(name);
    described.push([name, { dtype: written[dtype], shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const header = new Uint8Array(lengthBytes + Math.ceil(json.length / 8) * 8).fill(0x20);
  header.set(json, lengthBytes);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - lengthBytes), true);
  return { header, order };
}

/** Reads a part of a file. @throws Error if the file ends before. */
export function readBytes(file: number, position: number, length: number): ArrayBuffer {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = readSync(file, bytes, at, Math.min(length - at, 2 ** 30), position + at);
    if (count === 0) throw new Error(`the file must hold ${position + length} bytes, got ${position + at}`);
    at += count;
  }
  return bytes.buffer;
}

function parseObject(bytes: ArrayBuffer): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Error(`its header must be JSON, got ${(error as Error).message}`);
  }
  if (!isObject(parsed)) throw new Error(`its header must be a JSON object, got ${show(parsed)}`);
  return parsed;
}

function checkMetadata(metadata: unknown): Record<string, string> {
  if (isObject(metadata) && Object.values(metadata).every((value) => typeof value === "string"))
    return metadata as Record<string, string>;
  throw new TypeError(`its metadata must be an object of strings, got ${show(metadata)}`);
}

function checkEntry(name: string, entry: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  const valid = typeof dtype === "string" && isSizes(shape) && isSizes(offsets) && offsets.length === 2;
  if (!valid || offsets[0] > offsets[1]) {
    const rule = "a dtype, a shape and data_offsets [begin, end] of whole numbers";
    throw new Error(`its tensor "${name}" must have ${rule}, got ${show(entry)}`);
  }
  const [begin, end] = offsets;
  const width = Object.hasOwn(bytesPerValue, dtype) ? bytesPerValue[dtype] : undefined; // a type that is unknown here is refused when the tensor is asked for
  const bytes = shape.reduce((product, size) => product * size, width ?? 0);
  if (width !== undefined && bytes !== end - begin)
    throw new Error(`its tensor "${name}", ${dtype} [${shape}], must take ${bytes} bytes, got ${end - begin}`);
  return { dtype, shape, begin, end };
}

/** Tensors must lie one behind the other without gaps, up to the end of the file. */
function checkCover(entries: [string, Entry][], dataBytes: number): void {
  let at = 0;
  for (const [name, { begin, end }] of entries) {
    if (begin !== at) throw new Error(`its tensor "${name}" must begin at byte ${at} of the values, got ${begin}`);
    at = end;
  }
  if (at !== dataBytes) throw new Error(`its values must take ${at} bytes, got ${dataBytes}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
