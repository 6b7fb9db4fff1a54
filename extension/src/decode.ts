// From the base64 text of a MIME bundle to checked data. Whatever is wrong becomes an Error that a reader understands.
import { type Table, tableFromIPC } from "apache-arrow";
import { type MemoryColumns, type StackedBy, stackings } from "../../kernel/src/figures/stack";
import { trans } from "./translation";

/** A memory trace: its columns, and what a reader may ask about each event. */
export interface MemoryData extends MemoryColumns {
  readonly op: string[];
  readonly shape: string[];
  readonly dtype: string[];
  readonly timeUs: number[];
  readonly deltaBytes: number[];
  readonly liveBytes: number[];
  readonly layer: string[];
  readonly phase: string[];
  readonly kind: string[];
  readonly tensor: number[];
}

const mostBytes = 256 * 2 ** 20;

/** What a bundle says about a memory trace. */
export interface MemoryFigureData {
  readonly title: string;
  /** The id under which it is still running, if it is. */
  readonly live?: string;
  /** What it is stacked by at first. */
  readonly by: StackedBy;
  /** How many allocations and releases there were: of a long trace, `data` has sums. */
  readonly events: number;
  readonly data: MemoryData;
}

/** The memory trace of a bundle. @throws Error if it is none */
export function decodeMemory(bundle: unknown): MemoryFigureData {
  const bytes = base64Bytes(bundle);
  const { title, live, by, events } = metadata(read(bytes));
  const data = decodeEvents(bytes);
  return {
    title: text(title),
    live: typeof live === "string" ? live : undefined,
    by: stackings.find((one) => one === by) ?? "layer",
    events: typeof events === "number" ? events : data.length,
    data,
  };
}

/** The events of an Arrow IPC stream. @throws Error if columns are missing */
export function decodeEvents(bytes: Uint8Array): MemoryData {
  const table = read(bytes);
  const numbers = (name: string) => Array.from(column(table, name), Number);
  const texts = (name: string) => Array.from(column(table, name), text);
  const isKnown = (name: string) => table.getChild(name) !== null; // older traces tell less
  return {
    length: table.numRows,
    timeUs: numbers("time_us"),
    deltaBytes: numbers("delta_bytes"),
    liveBytes: numbers("live_bytes"),
    op: texts("op"),
    layer: texts("layer"),
    phase: texts("phase"),
    shape: texts("shape"),
    dtype: texts("dtype"),
    kind: isKnown("kind") ? texts("kind") : Array.from({ length: table.numRows }, () => ""),
    tensor: isKnown("tensor") ? numbers("tensor") : Array.from({ length: table.numRows }, () => 0),
  };
}

/** Both traces, one after the other. */
export function joined(first: MemoryData, second: MemoryData): MemoryData {
  return {
    length: first.length + second.length,
    timeUs: first.timeUs.concat(second.timeUs),
    deltaBytes: first.deltaBytes.concat(second.deltaBytes),
    liveBytes: first.liveBytes.concat(second.liveBytes),
    op: first.op.concat(second.op),
    layer: first.layer.concat(second.layer),
    phase: first.phase.concat(second.phase),
    shape: first.shape.concat(second.shape),
    dtype: first.dtype.concat(second.dtype),
    kind: first.kind.concat(second.kind),
    tensor: first.tensor.concat(second.tensor),
  };
}

/** The bytes of a format that is base64 text. @throws Error if it is not */
export function base64Bytes(bundle: unknown): Uint8Array {
  // Notebooks may store long text as a list of lines.
  const encoded = Array.isArray(bundle) ? bundle.join("") : bundle;
  if (typeof encoded !== "string" || encoded === "") throw new Error(trans.__("its data is not text"));
  if (encoded.length > (mostBytes * 4) / 3) throw new Error(trans.__("its data is larger than 256 MiB"));
  let binary: string;
  try {
    binary = atob(encoded.replace(/\s+/g, ""));
  } catch {
    throw new Error(trans.__("its data is not base64"));
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The table of an Arrow IPC stream. @throws Error if it is none */
export function read(bytes: Uint8Array): Table {
  let table: Table | undefined;
  try {
    table = tableFromIPC(bytes);
  } catch {
    // told below
  }
  if (!table || table.schema.fields.length === 0) throw new Error(trans.__("its data is not an Arrow IPC stream"));
  return table;
}

/** A column of a table. @throws Error if it is missing */
export function column(table: Table, name: string) {
  const vector = table.getChild(name);
  if (!vector) throw new Error(trans.__('its data has no column "%1"', name));
  return vector;
}

/** What the schema says about the table. */
export function metadata(table: Table): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const [key, value] of table.schema.metadata) {
    try {
      facts[key] = JSON.parse(value);
    } catch {
      facts[key] = value;
    }
  }
  return facts;
}

/** Whatever it is, as text. */
export const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));
