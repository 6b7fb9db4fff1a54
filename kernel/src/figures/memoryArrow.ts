// Chunks of the log of allocations as an Arrow table, and back.
import { type Data, Dictionary, Float64, Int32, makeData, Table, tableFromIPC, Utf8, Vector, vectorFromArray } from "apache-arrow"; // biome-ignore format: one line
import { chunkOf, type MemoryChunk, type MemoryEvent, type WordColumn, type Words, wordColumns } from "./memoryChunk";

/** An Arrow table with the columns of {@link memoryTable}, as far as it is read here. */
export interface MemoryTable {
  readonly numRows: number;
  getChild(name: string): { get(row: number): unknown; toArray(): unknown } | null;
}

const numbers = { time_us: "timeUs", delta_bytes: "deltaBytes", live_bytes: "liveBytes" } as const;

/** One table, a record batch for each chunk. */
export function tableOf(chunks: readonly MemoryChunk[], words: Words): MemoryTable {
  const some = chunks.length > 0 ? chunks : [chunkOf(0, 0, () => new Float64Array(), () => new Int32Array())]; // biome-ignore format: one line
  const column = (dataOf: (chunk: MemoryChunk) => Data) => new Vector(some.map(dataOf));
  const floats = Object.entries(numbers).map(([name, key]) => [
    name,
    column((chunk) => makeData({ type: new Float64(), length: chunk.length, data: chunk[key] })),
  ]);
  const texts = wordColumns.map((name, id) => {
    const type = new Dictionary(new Utf8(), new Int32(), id); // fixed ids: the same events give the same bytes
    const dictionary = vectorFromArray([...words[name]], new Utf8());
    return [name, column((chunk) => makeData({ type, length: chunk.length, data: chunk[name], dictionary }))];
  });
  const tensor = column(({ length, tensor }) => makeData({ type: new Int32(), length, data: tensor }));
  return new Table(Object.fromEntries([...floats, ...texts, ["tensor", tensor]])) as MemoryTable;
}

/** The chunk in a table that {@link tableOf} made of one, as bytes of Arrow IPC. Its texts are places in the words of then. */
export function chunkFrom(bytes: Uint8Array, first: number): MemoryChunk {
  const table = tableFromIPC(bytes);
  const values = (name: string) => (table.getChild(name) as Vector).data[0].values as unknown;
  const arrowName = Object.fromEntries(Object.entries(numbers).map(([name, key]) => [key, name]));
  return chunkOf(
    first,
    table.numRows,
    (name) => values(arrowName[name]) as Float64Array,
    (name) => values(name) as Int32Array,
  );
}

/** The events of any table with these columns; `kind` and `tensor` may be missing. @throws TypeError naming one that is */
export function* eventsOf(table: MemoryTable): Generator<MemoryEvent> {
  const optional = ["kind", "tensor"];
  const column = (name: string) => {
    const vector = table.getChild(name);
    if (!vector && !optional.includes(name)) {
      throw new TypeError(`Cannot read the memory trace: it needs a column ${name}, got none`);
    }
    return vector;
  };
  const names = [...Object.keys(numbers), ...wordColumns, "tensor"];
  const vectors = Object.fromEntries(names.map((name) => [name, column(name)]));
  for (let row = 0; row < table.numRows; row++) {
    const number = (name: string) => Number(vectors[name]?.get(row) ?? 0);
    const word = (name: WordColumn) => String(vectors[name]?.get(row) ?? "");
    yield {
      timeUs: number("time_us"),
      deltaBytes: number("delta_bytes"),
      liveBytes: number("live_bytes"),
      op: word("op"),
      layer: word("layer"),
      phase: word("phase"),
      kind: word("kind"),
      shape: shapeOf(word("shape")),
      dtype: word("dtype"),
      tensor: number("tensor"),
    };
  }
}

/** `[2, 7, 30]` as numbers. */
export const shapeOf = (text: string): number[] =>
  text
    .replace(/[[\]\s]/g, "")
    .split(",")
    .filter(Boolean)
    .map(Number);
