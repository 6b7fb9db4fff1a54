// Live bytes over time, by layer.
import type { Table } from "apache-arrow";
import { base64, ipc } from "./arrow";
import { type Displayable, displaySymbol, type MimeBundle } from "./display";
import { memorySvg } from "./memorySvg";
import { type MemoryEvent, type MemoryTable, memoryColumns, memoryTable } from "./memoryTable";
import { type MemoryStack, stackMemory } from "./stack";
import { bytes, exactBytes, grouped } from "./units";

export const memoryMimeType = "application/vnd.bestrq.memory.v1+arrow";

export interface MemoryTraceOptions {
  readonly title: string;
  /** What happened, in order of time; or give `table`. */
  readonly events?: readonly MemoryEvent[];
  /** The same as an Arrow table, as {@link memoryTable} makes it. */
  readonly table?: MemoryTable;
}

/**
 * A figure of the memory that a computation held: stacked by layer, with its phases and its peak to the byte.
 *
 * @throws TypeError if neither events nor a table with the right columns is given
 * @example
 * figures.memoryTrace({ title: "SummaryMixing, forward and backward", events })
 */
export function memoryTrace({ title, events, table }: MemoryTraceOptions): Displayable {
  const data = table ?? (events && memoryTable(events));
  if (!data) throw new TypeError("Cannot draw a memory trace: it needs events or a table, got neither");
  memoryColumns(data);
  return { [displaySymbol]: () => memoryBundle(title, data) };
}

/** @internal The formats of a trace; `live` names the running trace that goes on sending events. */
export function memoryBundle(title: string, table: MemoryTable, live?: string): MimeBundle {
  const stack = stackMemory(memoryColumns(table), { points: 250 });
  const description = describeTrace(title, stack, table.numRows);
  return {
    [memoryMimeType]: base64(memoryBytes(table, { title, live })),
    "image/svg+xml": memorySvg(title, stack, description),
    "text/plain": description,
  };
}

/** @internal The table as an Arrow IPC stream. */
export const memoryBytes = (table: MemoryTable, metadata: Record<string, unknown> = {}): Uint8Array =>
  ipc(table as Table, metadata);

function describeTrace(title: string, { peak, timeUs }: MemoryStack, events: number): string {
  if (!peak) return `${title}: no allocations yet`;
  const milliseconds = ((timeUs.at(-1) ?? 0) / 1e3).toFixed(1);
  const reached = `peak ${exactBytes(peak.bytes)} (${bytes(peak.bytes)}) at ${(peak.timeUs / 1e3).toFixed(1)} ms`;
  return `${title}: ${reached}; ${grouped(events)} allocations and frees in ${milliseconds} ms`;
}
