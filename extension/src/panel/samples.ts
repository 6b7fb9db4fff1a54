// Checks what a kernel sends to the panel. Whatever is wrong becomes an Error that a reader understands.
import { tableFromIPC, type Vector } from "apache-arrow";
import { trans } from "../translation";
import { type CellSpan, type Group, groups, type SeriesFacts } from "./record";

const mostBytes = 64 * 2 ** 20;
const longest = 400;

/** What the kernel measures. @throws Error if the message does not say so */
export function readSeries(given: unknown): SeriesFacts[] {
  if (!Array.isArray(given)) throw new Error(trans.__("its list of series is missing"));
  return given.map((one: unknown) => {
    const { name, label, what, resolution, group, limit } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== "string" || name === "") throw new Error(trans.__("a series has no name"));
    const known = groups.includes(group as Group) ? (group as Group) : "other";
    return {
      name,
      label: text(label) || text(name),
      what: text(what),
      resolution: text(resolution),
      group: known,
      limit: typeof limit === "number" && limit > 0 && Number.isFinite(limit) ? limit : undefined,
    };
  });
}

/** What could not be measured. */
export const readNotes = (given: unknown): string[] =>
  Array.isArray(given) ? given.slice(0, 20).map(text).filter(Boolean) : [];

/** A cell's start or end. @throws Error if it is none */
export function readCell(given: unknown): CellSpan {
  const { msg_id, execution_count, start_ms, end_ms } = (given ?? {}) as Record<string, unknown>;
  if (typeof start_ms !== "number" || !Number.isFinite(start_ms)) throw new Error(trans.__("a cell has no start"));
  return {
    id: text(msg_id),
    count: typeof execution_count === "number" ? execution_count : null,
    startMs: start_ms,
    endMs: typeof end_ms === "number" && Number.isFinite(end_ms) ? end_ms : undefined,
  };
}

/** Hands each row of an Arrow IPC stream to `take`. @throws Error if it is none, or columns are missing */
export function readSamples(bytes: Uint8Array, take: (name: string, timeMs: number, value: number) => void): void {
  if (bytes.byteLength > mostBytes) throw new Error(trans.__("its samples are larger than 64 MiB"));
  let table: ReturnType<typeof tableFromIPC>;
  try {
    table = tableFromIPC(bytes);
  } catch {
    throw new Error(trans.__("its samples are not an Arrow IPC stream"));
  }
  const [times, names, values] = ["time_ms", "series", "value"].map((name) => {
    const column = table.getChild(name);
    if (!column) throw new Error(trans.__('its samples have no column "%1"', name));
    return column;
  });
  const nameOf = nameReader(names);
  for (let row = 0; row < table.numRows; row++) {
    const value = values.get(row);
    if (value !== null) take(nameOf(row), Number(times.get(row)), Number(value));
  }
}

// Most names repeat: the text of each is read once.
function nameReader(column: Vector): (row: number) => string {
  const [{ dictionary, values: indices } = {}, ...more] = column.data as readonly {
    dictionary?: Vector;
    values?: unknown;
  }[];
  if (more.length > 0 || !dictionary || !ArrayBuffer.isView(indices)) return (row) => String(column.get(row));
  const names = Array.from(dictionary, String);
  return (row) => names[Number((indices as Int32Array)[row])] ?? "";
}

const text = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).slice(0, longest) : "";
