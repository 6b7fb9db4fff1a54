// The log of allocations as a table: the data behind every view of a memory trace.
import type { MemoryTable } from "./memoryArrow";
import type { MemoryEvent } from "./memoryChunk";
import { MemoryLog } from "./memoryLog";
import type { MemoryColumns } from "./stack";

/**
 * The events as an Arrow table, one row each: `time_us`, `delta_bytes`, `live_bytes` (float64, exact up to 2^53 bytes),
 * `op`, `layer`, `phase`, `kind`, `shape` (as `[2, 7, 30]`), `dtype` (text in dictionaries), `tensor` (int32).
 */
export const memoryTable = (events: Iterable<MemoryEvent>): MemoryTable => MemoryLog.from(events).table();

/** The columns that a drawing needs. */
export function memoryColumns(log: MemoryLog): MemoryColumns {
  const { length, words } = log;
  const numbers = () => new Float64Array(length);
  const texts = () => new Array<string>(length);
  const columns = {
    length,
    timeUs: numbers(),
    deltaBytes: numbers(),
    liveBytes: numbers(),
    tensor: new Int32Array(length),
    op: texts(),
    layer: texts(),
    phase: texts(),
    kind: texts(),
  };
  for (const chunk of log.chunks()) {
    for (const name of ["timeUs", "deltaBytes", "liveBytes", "tensor"] as const)
      columns[name].set(chunk[name], chunk.first);
    for (const name of ["op", "layer", "phase", "kind"] as const) {
      for (let row = 0; row < chunk.length; row++) columns[name][chunk.first + row] = words[name][chunk[name][row]];
    }
  }
  return columns;
}
