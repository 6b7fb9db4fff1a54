// Arrow tables as text: what their columns are, and their first rows. Any copy of apache-arrow makes them, so they are
// known by their shape.

interface Table {
  schema: { fields: Array<{ name: string; type: unknown }> };
  numRows: number;
  numCols: number;
  get(row: number): Record<string, unknown> | null;
}

const mostRows = 10;
const mostColumns = 12;
const mostCharacters = 30; // of a cell

export function isTable(value: unknown): value is Table {
  const { schema, numRows, numCols, get } = (value ?? {}) as Partial<Table>;
  return (
    Array.isArray(schema?.fields) && Number.isInteger(numRows) && Number.isInteger(numCols) && typeof get === "function"
  );
}

/** Reads the first rows alone, however many there are. */
export function tableText(table: Table): string {
  const count = (number: number, noun: string) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const title = `Table: ${count(table.numRows, "row")}, ${count(table.numCols, "column")}`;
  const fields = table.schema.fields.slice(0, mostColumns);
  const rows = Array.from({ length: Math.min(table.numRows, mostRows) }, (_, index) => table.get(index));
  const columns = fields.map(({ name, type }) => {
    const cells = rows.map((row) => shortened(row?.[name]));
    return aligned(
      [name, String(type), ...cells],
      rows.every((row) => isNumber(row?.[name])),
    );
  });
  const left = table.numCols - fields.length;
  const lines = columns[0]?.map((_, line) => `  ${columns.map((column) => column[line]).join("  ")}`) ?? [];
  return [
    title,
    ...lines.map((line) => line.trimEnd()),
    ...(table.numRows > rows.length ? ["  ..."] : []),
    ...(left > 0 ? [`  ... and ${count(left, "more column")}`] : []),
  ].join("\n");
}

const isNumber = (value: unknown) => typeof value === "number" || typeof value === "bigint";

function shortened(value: unknown): string {
  const text = (typeof value === "string" ? value : String(value ?? "")).replace(/\s+/g, " ");
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}

function aligned(cells: string[], right: boolean): string[] {
  const width = Math.max(...cells.map((cell) => cell.length));
  return cells.map((cell) => (right ? cell.padStart(width) : cell.padEnd(width)));
}
