// CSV files (RFC 4180), with the facts in lines that begin with #, which pandas, R, gnuplot and NumPy skip as comments.
import type { Told } from "./facts";

/** Line by line, so that a million rows are never one text. */
export function* csvFile(
  columns: readonly string[],
  rows: Iterable<readonly unknown[]>,
  told: Told,
): Generator<string> {
  for (const [name, value] of Object.entries(told)) yield `# ${name}: ${value.replace(/\s+/g, " ")}\n`;
  yield `${columns.map(field).join(",")}\n`;
  for (const row of rows) yield `${row.map(field).join(",")}\n`;
}

function field(value: unknown): string {
  const text = value === undefined || value === null ? "" : String(value);
  return /[",\r\n#]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
