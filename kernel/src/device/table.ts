// Samples as an Arrow table, one value a row.
import type { Table } from "apache-arrow";
import type { Columns } from "./trail";

/** Columns `time_ms` (float64, milliseconds since 1970), `series` (text in a dictionary) and `value` (float64). */
export async function sampleTable(parts: ReadonlyMap<string, Columns>): Promise<Table> {
  const arrow = await import("apache-arrow");
  const columns = [...parts.values()];
  const length = columns.reduce((sum, { values }) => sum + values.length, 0);
  const [time, value, series] = [new Float64Array(length), new Float64Array(length), new Int32Array(length)];
  let row = 0;
  columns.forEach(({ timesMs, values }, index) => {
    time.set(timesMs, row);
    value.set(values, row);
    series.fill(index, row, row + values.length);
    row += values.length;
  });
  const dictionary = arrow.vectorFromArray([...parts.keys()], new arrow.Utf8());
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 0); // a fixed id: same samples, same bytes
  return new arrow.Table({
    time_ms: arrow.makeVector(time),
    series: arrow.makeVector(arrow.makeData({ type, length, data: series, dictionary })),
    value: arrow.makeVector(value),
  }) as unknown as Table;
}

/** The same as the bytes of an Arrow IPC stream. */
export async function sampleBytes(parts: ReadonlyMap<string, Columns>): Promise<Uint8Array> {
  const { tableToIPC } = await import("apache-arrow");
  return tableToIPC(await sampleTable(parts), "stream");
}
