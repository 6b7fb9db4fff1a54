// The record as tables: CSV for a spreadsheet, Arrow with what each series measures beside it.
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { DeviceRecord, Series } from "./record";

/** Which cell ran at each sample of a series. Both are in order of time. */
function* withCells(
  { ring }: Series,
  { cells }: DeviceRecord,
): Generator<[time: number, value: number, cell: number | null]> {
  let cell = 0;
  for (let index = 0; index < ring.length; index++) {
    const time = ring.time(index);
    while (cell < cells.length && (cells[cell].endMs ?? Number.POSITIVE_INFINITY) < time) cell++;
    const inside = cell < cells.length && cells[cell].startMs <= time;
    yield [time, ring.value(index), inside ? cells[cell].count : null];
  }
}

/** Columns time, series, bytes, cell; a row for each sample. In parts, as one string of an hour would be too long. */
export function csv(record: DeviceRecord): string[] {
  const parts = ["time,series,bytes,cell\n"];
  for (const series of record.series.values()) {
    const name = /[",\r\n]/.test(series.name) ? `"${series.name.replaceAll('"', '""')}"` : series.name;
    let part = "";
    for (const [time, value, cell] of withCells(series, record)) {
      part += `${new Date(time).toISOString()},${name},${value},${cell ?? ""}\n`;
      if (part.length < 2 ** 20) continue;
      parts.push(part);
      part = "";
    }
    parts.push(part);
  }
  return parts;
}

/** An Arrow IPC file with the columns time_ms, series, value (bytes) and cell. */
export function arrow(record: DeviceRecord, kernel: string): Uint8Array<ArrayBuffer> {
  const all = [...record.series.values()];
  const rows = all.reduce((sum, { ring }) => sum + ring.length, 0);
  const [times, values] = [new Float64Array(rows), new Float64Array(rows)];
  const [names, cells] = [new Int32Array(rows), new Int32Array(rows)];
  const inCell = new Uint8Array(Math.ceil(rows / 8));
  let row = 0;
  let outside = 0;
  all.forEach((series, index) => {
    for (const [time, value, cell] of withCells(series, record)) {
      [times[row], values[row], names[row]] = [time, value, index];
      if (cell === null) outside++;
      else {
        cells[row] = cell;
        inCell[row >> 3] |= 1 << (row & 7);
      }
      row++;
    }
  });
  const number = new Float64();
  const dictionary = vectorFromArray(
    all.map(({ name }) => name),
    new Utf8(),
  );
  const columns = {
    time_ms: makeData({ type: number, length: rows, data: times }),
    series: makeData({ type: new Dictionary(new Utf8(), new Int32()), length: rows, data: names, dictionary }),
    value: makeData({ type: number, length: rows, data: values }),
    cell: makeData({ type: new Int32(), length: rows, data: cells, nullBitmap: inCell, nullCount: outside }),
  };
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, name === "cell"));
  const facts = all.map(({ ring: _, ...about }) => about);
  const metadata = new Map([
    ["title", "Memory of a kernel"],
    ["kernel", kernel],
    ["unit", "bytes"],
    ["series", JSON.stringify(facts)],
    ["cells", JSON.stringify(record.cells)],
    ["notes", JSON.stringify(record.notes)],
  ]);
  const schema = new Schema(fields, metadata);
  const data = makeData({ type: new Struct(fields), length: rows, children: Object.values(columns) });
  return tableToIPC(new Table(schema, new RecordBatch(schema, data)), "file") as Uint8Array<ArrayBuffer>;
}
