// Live bytes over time, by layer, op or kind.
import type { Table } from "apache-arrow";
import { base64, ipc, withFacts } from "./arrow";
import { displaySymbol, type MimeBundle } from "./display";
import type { Facts, Figure } from "./figure";
import type { MemoryTable } from "./memoryArrow";
import type { MemoryEvent } from "./memoryChunk";
import { MemoryLog } from "./memoryLog";
import { memorySvg } from "./memorySvg";
import { memoryColumns } from "./memoryTable";
import { thinned } from "./memoryThin";
import { givenFacts } from "./paper/facts";
import { type MemoryStack, type StackedBy, stackings, stackMemory } from "./stack";
import type { Theme } from "./theme";
import { bytes, exactBytes, grouped } from "./units";

export const memoryMimeType = "application/vnd.bestrq.memory.v1+arrow";

export interface MemoryTraceOptions {
  readonly title: string;
  /** What happened, in order of time; or give `table`. */
  readonly events?: Iterable<MemoryEvent>;
  /** The same as an Arrow table, as {@link memoryTable} makes it. */
  readonly table?: MemoryTable;
  /** What it is stacked by at first: `"layer"` (default), `"op"` or `"kind"`. In JupyterLab the reader can switch. */
  readonly by?: StackedBy;
  readonly facts?: Facts;
}

/**
 * A figure of the memory that a computation held: stacked by layer, by op or by kind, with its phases and its peak to the
 * byte. Of more than 20,000 events it carries sums.
 *
 * @throws TypeError if neither events nor a table with the right columns is given
 * @throws RangeError if it cannot be stacked by that
 * @example
 * figures.memoryTrace({ title: "SummaryMixing, forward and backward", events, by: "kind" })
 */
export function memoryTrace({ title, events, table, by, facts = {} }: MemoryTraceOptions): Figure {
  const given = table ?? events;
  if (!given) throw new TypeError("Cannot draw a memory trace: it needs events or a table, got neither");
  if (by && !stackings.includes(by)) {
    throw new RangeError(`Cannot draw a memory trace: by must be one of ${stackings.join(", ")}, got "${by}"`);
  }
  const log = MemoryLog.from(given);
  return {
    title,
    facts,
    svg: (page) => drawn(title, log, by, page).svg,
    data: () => withFacts(log.table() as Table, { kind: "memory", title, by }),
    columns: ["time (µs)", "change (bytes)", "alive (bytes)", ...words, "tensor"],
    rows: () => memoryRows(log),
    [displaySymbol]: () => memoryBundle(title, log, { by, facts }),
  };
}

const words = ["op", "layer", "phase", "kind", "shape", "dtype"];

function* memoryRows(log: MemoryLog): Generator<readonly unknown[]> {
  for (const { timeUs, deltaBytes, liveBytes, op, layer, phase, kind, shape, dtype, tensor } of log)
    yield [timeUs, deltaBytes, liveBytes, op, layer, phase, kind, `[${shape.join(", ")}]`, dtype, tensor];
}

/** @internal The formats of a trace; `live` names the running trace that goes on sending events. */
export function memoryBundle(
  title: string,
  log: MemoryLog,
  { by, live, facts = {} }: { by?: StackedBy; live?: string; facts?: Facts } = {},
): MimeBundle {
  const { shown, svg, description } = drawn(title, log, by);
  return {
    [memoryMimeType]: base64(
      memoryBytes(shown.table(), { ...givenFacts(facts), kind: "memory", title, live, by, events: log.length }),
    ),
    "image/svg+xml": svg,
    "text/plain": description,
  };
}

function drawn(title: string, log: MemoryLog, by?: StackedBy, page?: Theme) {
  const shown = thinned(log);
  const stack = stackMemory(memoryColumns(shown), { points: 250, by });
  const description = describeTrace(title, stack, log.length);
  const heading = by && by !== "layer" ? `${title}, by ${by}` : title;
  return { shown, svg: memorySvg(heading, stack, description, page), description };
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
