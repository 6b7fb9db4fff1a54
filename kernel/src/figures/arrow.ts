// Arrow tables as the text that a MIME bundle carries.
import { type RecordBatch, Schema, Table, tableToIPC } from "apache-arrow";

/** The table's bytes as an Arrow IPC stream, with figure-wide facts as JSON in the schema's metadata. */
export function ipc(table: Table, metadata: Record<string, unknown>): Uint8Array {
  const told = Object.entries(metadata).filter(([, value]) => value !== undefined);
  const facts = new Map(told.map(([key, value]) => [key, JSON.stringify(value)]));
  const schema = new Schema(table.schema.fields, facts);
  return tableToIPC(new Table(schema, table.batches as RecordBatch[]), "stream");
}

/** Bytes as base64. */
export const base64 = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
