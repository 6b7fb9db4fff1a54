// Arrow tables as the text that a MIME bundle carries.
import { type RecordBatch, Schema, Table, tableToIPC } from "apache-arrow";

/** The table's bytes as an Arrow IPC stream, with figure-wide facts as JSON in the schema's metadata. */
export const ipc = (table: Table, metadata: Record<string, unknown>): Uint8Array =>
  tableToIPC(withFacts(table, metadata), "stream");

/** The table with more facts, as JSON, in its schema's metadata. */
export function withFacts(table: Table, metadata: Record<string, unknown>): Table {
  const told = Object.entries(metadata).filter(([, value]) => value !== undefined);
  const facts = told.map(([key, value]) => [key, JSON.stringify(value)] as const);
  const schema = new Schema(table.schema.fields, new Map([...table.schema.metadata, ...facts]));
  return new Table(schema, table.batches as RecordBatch[]);
}

/** The facts in a table's schema. What others have written there may be no JSON, and stays text. */
export function factsIn(table: Table): Record<string, unknown> {
  const read = (value: string): unknown => {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  };
  return Object.fromEntries([...table.schema.metadata].map(([name, value]) => [name, read(value)]));
}

/** Bytes as base64. */
export const base64 = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
