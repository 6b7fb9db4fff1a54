// Results as a table.
import { type Table, tableFromArrays } from "apache-arrow";
import { base64, factsIn, ipc, withFacts } from "./arrow";
import { displaySymbol } from "./display";
import type { Facts, Figure } from "./figure";
import { givenFacts } from "./paper/facts";
import { resultSvg } from "./resultSvg";
import { short } from "./units";

const tableMimeType = "application/vnd.bestrq.table.v1+arrow";

/** One column of a table. */
export interface Column {
  /** The field of each row. */
  readonly key: string;
  /** Its heading (default: the key). */
  readonly label?: string;
  /** How a value is written (default: text as it is, numbers with 4 digits). */
  readonly format?: (value: unknown) => string;
}

/**
 * A table of results: Markdown in a notebook, aligned text in a terminal. Numbers stand to the right. The notebook also
 * holds the values, from which JupyterLab saves the table.
 *
 * @param options.columns which fields, in which order (default: the fields of the first row)
 * @param options.title a line above it
 * @example
 * figures.table([{ mixer: "mamba", peakBytes: 123_456_789 }], {
 *   columns: ["mixer", { key: "peakBytes", label: "peak", format: (count) => figures.bytes(Number(count)) }],
 * })
 */
export function table(
  rows: readonly object[],
  options: { columns?: readonly (string | Column)[]; title?: string; facts?: Facts } = {},
): Figure {
  const { title = "", facts = {} } = options;
  const given = options.columns ?? Object.keys(rows[0] ?? {});
  const columns = given.map((column): Column => (typeof column === "string" ? { key: column } : column));
  const value = (row: object, { key }: Column) => (row as Record<string, unknown>)[key];
  const heading = columns.map(({ key, label }) => label ?? key);
  const cells = rows.map((row) => columns.map((column) => (column.format ?? plain)(value(row, column))));
  const right = columns.map((column) => rows.every((row) => typeof value(row, column) === "number"));
  const data = () => {
    const arrays = columns.map((column) => valuesOf(rows.map((row) => value(row, column))));
    const written = columns.map(({ format }, index) => format && cells.map((line) => line[index]));
    return withFacts(tableFromArrays(byHeading(arrays)), { kind: "table", title, written: byHeading(written) });
  };
  const byHeading = <T>(of: readonly T[]): Record<string, T> =>
    Object.fromEntries(heading.map((name, index) => [name, of[index]]));
  return {
    title,
    facts,
    svg: (page) => resultSvg(title, [heading, ...cells], right, page),
    data,
    columns: heading,
    rows: () => rows.map((row) => columns.map((column) => value(row, column))),
    [displaySymbol]: () => ({
      [tableMimeType]: base64(ipc(data(), givenFacts(facts))),
      "text/markdown": `${title && `**${escaped(title)}**\n\n`}${markdown([heading, ...cells], right)}`,
      "text/plain": `${title && `${title}\n`}${aligned([heading, ...cells], right)}`,
    }),
  };
}

/** @internal The figure in a table that `data()` made, its values written as they were. */
export function tableIn(data: Table, facts: Facts): Figure {
  const { title, written = {} } = factsIn(data) as { title: string; written?: Record<string, string[]> };
  const rows = data.toArray().map((row) => ({ ...row }) as Record<string, unknown>);
  const columns = data.schema.fields.map(({ name: key }): Column => {
    if (!written[key]) return { key };
    const texts = new Map(rows.map((row, index) => [row[key], written[key][index]]));
    return { key, format: (value) => texts.get(value) ?? plain(value) };
  });
  return table(rows, { columns, title, facts });
}

/** Numbers where all are, else text. */
function valuesOf(column: readonly unknown[]): (number | string | null)[] {
  const known = (value: unknown) => value !== undefined && value !== null;
  const numbers = column.every((value) => typeof value === "number" || !known(value));
  return column.map((value) => (known(value) ? (numbers ? Number(value) : String(value)) : null));
}

function plain(value: unknown): string {
  if (typeof value === "number") return short(value);
  return value === undefined || value === null ? "" : String(value);
}

function markdown([heading, ...rows]: string[][], right: boolean[]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const rule = right.map((is) => (is ? "---:" : ":---"));
  return [line(heading.map(escaped)), line(rule), ...rows.map((row) => line(row.map(escaped)))].join("\n");
}

// Every character that could mean something to Markdown, HTML or TeX becomes a character reference.
const escaped = (cell: string): string =>
  cell
    .replace(/\s+/g, " ")
    .replace(/[!-/:-@[-`{-~]/g, (mark) => (/[.,%()+-]/.test(mark) ? mark : `&#${mark.charCodeAt(0)};`))
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);

function aligned(lines: string[][], right: boolean[]): string {
  const widths = right.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const padded = (cell: string, column: number) =>
    right[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]);
  const [heading, ...rows] = lines.map((line) => line.map((cell, column) => padded(cell, column)).join("  "));
  return [heading, widths.map((width) => "─".repeat(width)).join("  "), ...rows]
    .map((line) => line.trimEnd())
    .join("\n");
}
