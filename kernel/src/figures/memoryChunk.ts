// The columns of the log of allocations, some thousand rows at a time.

/** One tensor allocated or freed. */
export interface MemoryEvent {
  /** Moment in microseconds; only differences matter. */
  readonly timeUs: number;
  /** Bytes allocated (positive) or freed (negative). */
  readonly deltaBytes: number;
  /** Bytes held after it. */
  readonly liveBytes: number;
  /** The operation that did it: `"MatMul"`; empty where none did. */
  readonly op: string;
  /** Path of the layer that allocated the bytes, such as `encoder.0.mixer`; the same when they are freed. */
  readonly layer: string;
  /** `"forward"`, `"backward"`, ... */
  readonly phase: string;
  /** What the bytes are for, the same when they are freed: `"parameters"`, `"activations"`, ... */
  readonly kind?: string;
  /** Shape of the tensor. */
  readonly shape: readonly number[];
  /** Type of its elements. */
  readonly dtype: string;
  /** Number of the tensor, from 1: pairs an allocation with its release. */
  readonly tensor?: number;
}

export const numberColumns = ["timeUs", "deltaBytes", "liveBytes"] as const;
export const wordColumns = ["op", "layer", "phase", "kind", "shape", "dtype"] as const;
export type WordColumn = (typeof wordColumns)[number];
/** The texts of each column, at the places that chunks tell. */
export type Words = Readonly<Record<WordColumn, readonly string[]>>;

/** Rows of the log: numbers as they are, texts as places in {@link Words}. */
export interface MemoryChunk
  extends Readonly<Record<(typeof numberColumns)[number], Float64Array>>,
    Readonly<Record<WordColumn, Int32Array>> {
  /** Which row of the log its first one is. */
  readonly first: number;
  readonly length: number;
  readonly tensor: Int32Array;
}

/** A chunk made column by column. */
export function chunkOf(
  first: number,
  length: number,
  numbers: (name: (typeof numberColumns)[number]) => Float64Array,
  integers: (name: WordColumn | "tensor") => Int32Array,
): MemoryChunk {
  const columns = [
    ...numberColumns.map((name) => [name, numbers(name)]),
    ...[...wordColumns, "tensor" as const].map((name) => [name, integers(name)]),
  ];
  return { first, length, ...Object.fromEntries(columns) } as MemoryChunk;
}

/** The rows of a chunk from `begin` to before `end`. */
export const rowsOf = (chunk: MemoryChunk, begin: number, end: number): MemoryChunk =>
  chunkOf(
    chunk.first + begin,
    end - begin,
    (name) => chunk[name].subarray(begin, end),
    (name) => chunk[name].subarray(begin, end),
  );
