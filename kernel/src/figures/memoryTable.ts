// The log of allocations as an Arrow table: the data behind every view of a memory trace.
import {
  type DataType,
  Dictionary,
  Int32,
  makeData,
  makeVector,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import type { MemoryColumns } from "./stack";

/** One tensor allocated or freed. */
export interface MemoryEvent {
  /** Moment in microseconds; only differences matter. */
  readonly timeUs: number;
  /** Bytes allocated (positive) or freed (negative). */
  readonly deltaBytes: number;
  /** Bytes held after it. */
  readonly liveBytes: number;
  /** The operation that did it: `"MatMul"`, `"dispose"`. */
  readonly op: string;
  /** Path of the layer that allocated the bytes, such as `encoder.0.mixer`; the same when they are freed. */
  readonly layer: string;
  /** `"forward"`, `"backward"`, ... */
  readonly phase: string;
  /** Shape of the tensor. */
  readonly shape: readonly number[];
  /** Type of its elements. */
  readonly dtype: string;
}

/** An Arrow table with the columns of {@link memoryTable}, as far as it is read here. */
export interface MemoryTable {
  readonly numRows: number;
  getChild(name: string): { get(row: number): unknown; toArray(): unknown } | null;
}

/**
 * The events as an Arrow table, one row each: `time_us`, `delta_bytes`, `live_bytes` (float64, exact up to 2^53 bytes),
 * `op`, `layer`, `phase`, `shape` (as `[2, 7, 30]`), `dtype` (text in dictionaries).
 */
export function memoryTable(events: readonly MemoryEvent[]): MemoryTable {
  const numbers = (pick: (event: MemoryEvent) => number) => vectorFromArray(Float64Array.from(events, pick));
  // Fixed ids of the dictionaries: the same events give the same bytes.
  const texts = (pick: (event: MemoryEvent) => string, id: number) => words(events.map(pick), id);
  return new Table({
    time_us: numbers(({ timeUs }) => timeUs),
    delta_bytes: numbers(({ deltaBytes }) => deltaBytes),
    live_bytes: numbers(({ liveBytes }) => liveBytes),
    op: texts(({ op }) => op, 0),
    layer: texts(({ layer }) => layer, 1),
    phase: texts(({ phase }) => phase, 2),
    shape: texts(({ shape }) => `[${shape.join(", ")}]`, 3),
    dtype: texts(({ dtype }) => dtype, 4),
  } as Record<string, Vector<DataType>>) as MemoryTable;
}

function words(values: readonly string[], id: number): Vector {
  const distinct = new Map<string, number>();
  const indices = Int32Array.from(values, (value) => {
    if (!distinct.has(value)) distinct.set(value, distinct.size);
    return distinct.get(value)!;
  });
  const dictionary = vectorFromArray([...distinct.keys()], new Utf8());
  const type = new Dictionary(new Utf8(), new Int32(), id);
  return makeVector(makeData({ type, length: indices.length, data: indices, dictionary }));
}

/** The columns that a drawing needs. @throws TypeError naming the column that is missing */
export function memoryColumns(table: MemoryTable): MemoryColumns {
  const column = (name: string) => {
    const vector = table.getChild(name);
    if (!vector) throw new TypeError(`Cannot read the memory trace: it needs a column ${name}, got none`);
    return vector;
  };
  const numbers = (name: string) => column(name).toArray() as Float64Array;
  const texts = (name: string) => {
    const vector = column(name);
    return Array.from({ length: table.numRows }, (_, row) => String(vector.get(row) ?? ""));
  };
  return {
    length: table.numRows,
    timeUs: numbers("time_us"),
    deltaBytes: numbers("delta_bytes"),
    liveBytes: numbers("live_bytes"),
    layer: texts("layer"),
    phase: texts("phase"),
  };
}
