// Map figures as notebooks stored them before tiles: every cell as a 32-bit number.
import { Field, Float32, Int32, List, Schema, Table, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";

export const firstMapType = "application/vnd.bestrq.map.v1+arrow";

/** The base64 text of such a figure. */
export function firstMap(
  panels: readonly { name: string; rows: number; columns: number; values: Float32Array }[],
  facts: Record<string, unknown>,
): string {
  const column = <Key extends keyof (typeof panels)[number]>(key: Key) => panels.map((panel) => panel[key]);
  const table = new Table({
    name: vectorFromArray(column("name"), new Utf8()),
    rows: vectorFromArray(column("rows"), new Int32()),
    columns: vectorFromArray(column("columns"), new Int32()),
    values: vectorFromArray(column("values"), new List(new Field("item", new Float32(), false))),
  });
  const told = new Map(Object.entries(facts).map(([key, value]) => [key, JSON.stringify(value)]));
  const stream = tableToIPC(new Table(new Schema(table.schema.fields, told), table.batches as never), "stream");
  return Buffer.from(stream).toString("base64");
}
