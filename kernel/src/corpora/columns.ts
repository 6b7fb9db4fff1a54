// A manifest's columns and their Arrow form: no objects of rows, so that a million utterances are a few large arrays.
import {
  type Data,
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint32,
  Utf8,
  Vector,
} from "apache-arrow";

/** What is known of one utterance. */
export interface ManifestRow {
  /** From the corpus's folder on, with `/` between. */
  path: string;
  /** Samples of each channel, at the file's own rate. */
  frames: number;
  /** In Hz. */
  rate: number;
  speaker?: string;
  text?: string;
  split?: string;
  /** Bytes of the file. */
  size: number;
  /** When it was last written, milliseconds since 1970. */
  modified: number;
}

/** The columns as Arrow holds them. */
export interface Columns {
  readonly path: Vector<Utf8>;
  readonly frames: Uint32Array;
  readonly rate: Uint32Array;
  readonly speaker: Vector<Dictionary<Utf8, Int32>>;
  readonly text: Vector<Utf8>;
  readonly split: Vector<Dictionary<Utf8, Int32>>;
  readonly size: Float64Array;
  readonly modified: Float64Array;
}

/** Rows as a table; its schema's metadata holds `facts`. */
export function tableOf(rows: readonly ManifestRow[], facts: Map<string, string>): Table {
  const texts = (name: "path" | "text") => utf8(rows.map((row) => row[name]));
  const names = (name: "speaker" | "split") => dictionary(rows.map((row) => row[name]));
  const numbers = (name: "size" | "modified") =>
    makeData({ type: new Float64(), data: Float64Array.from(rows, (row) => row[name]) });
  const counts = (name: "frames" | "rate") =>
    makeData({ type: new Uint32(), data: Uint32Array.from(rows, (row) => row[name]) });
  const columns: Record<keyof ManifestRow, Data> = {
    path: texts("path"),
    frames: counts("frames"),
    rate: counts("rate"),
    speaker: names("speaker"),
    text: texts("text"),
    split: names("split"),
    size: numbers("size"),
    modified: numbers("modified"),
  };
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, true));
  const children = Object.values(columns);
  const struct = makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children });
  const schema = new Schema(fields, facts);
  return new Table(schema, [new RecordBatch(schema, struct)]);
}

/** The columns of a table. @throws Error where one is missing, or of another type */
export function columnsOf(table: Table): Columns {
  const column = <V>(name: keyof ManifestRow, type: string): V => {
    const vector = table.getChild(name);
    if (String(vector?.type) !== type || vector?.data.length !== 1)
      throw new Error(`it must have a column ${name} of type ${type} in one piece, got ${vector?.type ?? "none"}`);
    return (type === "Uint32" || type === "Float64" ? vector.toArray() : vector) as V;
  };
  return {
    path: column("path", "Utf8"),
    frames: column("frames", "Uint32"),
    rate: column("rate", "Uint32"),
    speaker: column("speaker", "Dictionary<Int32, Utf8>"),
    text: column("text", "Utf8"),
    split: column("split", "Dictionary<Int32, Utf8>"),
    size: column("size", "Float64"),
    modified: column("modified", "Float64"),
  };
}

/** A row's number in the dictionary of its column; -1 where it has none. */
export function codesOf(vector: Columns["speaker"]): (row: number) => number {
  const [{ values, nullCount }] = vector.data;
  return (row) => (nullCount > 0 && !vector.isValid(row) ? -1 : values[row]);
}

type Text = string | undefined;

function utf8(texts: readonly Text[]): Data<Utf8> {
  const valueOffsets = new Int32Array(texts.length + 1);
  let total = 0;
  for (const [i, text] of texts.entries()) {
    total += text === undefined ? 0 : Buffer.byteLength(text);
    if (total >= 2 ** 31) throw new RangeError("Cannot make a manifest: its texts must be less than 2 GiB in all");
    valueOffsets[i + 1] = total;
  }
  const data = Buffer.alloc(total);
  for (const [i, text] of texts.entries()) if (text) data.write(text, valueOffsets[i]);
  return makeData({ type: new Utf8(), length: texts.length, ...nullsOf(texts), valueOffsets, data });
}

function dictionary(texts: readonly Text[]): Data<Dictionary<Utf8, Int32>> {
  const numbers = new Map<string, number>();
  const data = new Int32Array(texts.length);
  for (const [i, text] of texts.entries()) {
    if (text === undefined) continue;
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    data[i] = number;
  }
  const type = new Dictionary(new Utf8(), new Int32());
  const values = new Vector([utf8([...numbers.keys()])]);
  return makeData({ type, length: texts.length, ...nullsOf(texts), data, dictionary: values });
}

/** Arrow's own account of what is missing: a bit for each row that is there. */
function nullsOf(texts: readonly Text[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullCount = texts.reduce((count, text) => count + (text === undefined ? 1 : 0), 0);
  if (nullCount === 0) return { nullCount };
  const nullBitmap = new Uint8Array(Math.ceil(texts.length / 64) * 8);
  for (const [i, text] of texts.entries()) if (text !== undefined) nullBitmap[i >> 3] |= 1 << (i & 7);
  return { nullCount, nullBitmap };
}
