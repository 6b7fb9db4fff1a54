// What a reader is told about a cell.
import type { MapFacts } from "../../../kernel/src/figures/map/facts";
import { nameOf } from "../../../kernel/src/figures/map/places";
import { told } from "../../../kernel/src/figures/map/ticks";
import { grouped, short } from "../../../kernel/src/figures/units";
import { trans } from "../translation";
import type { Shown } from "./shown";
import type { Tiles } from "./tiles";

/** A point of the maps, in shares of their sides, and the map that it was pointed at on. */
export interface Cursor {
  readonly x: number;
  readonly y: number;
  readonly panel: number;
}

export const cellAt = ({ x, y }: Pick<Cursor, "x" | "y">, { rows, columns }: { rows: number; columns: number }) => ({
  row: Math.min(rows - 1, Math.max(0, Math.floor(y * rows))),
  column: Math.min(columns - 1, Math.max(0, Math.floor(x * columns))),
});

/** Row and column, and the number there on every map that is seen. */
export function cellWords(facts: MapFacts, tiles: Tiles, shown: readonly number[], cursor: Cursor): string[] {
  const panel = facts.panels[cursor.panel];
  const { row, column } = cellAt(cursor, panel);
  return [
    placeWords(facts, "y", panel.rows, row),
    placeWords(facts, "x", panel.columns, column),
    ...shown.map((index) => {
      const name = shown.length > 1 ? nameOf(facts.panels[index]) : facts.colourLabel;
      return `${name} ${numberAt(tiles, index, cellAt(cursor, facts.panels[index]))}`;
    }),
  ];
}

/** `output 37 (1.48 s) “not”` */
export function placeWords(
  { transcript = [], ...facts }: MapFacts,
  side: "x" | "y",
  steps: number,
  step: number,
): string {
  const axis = facts[side];
  const second = (step + 0.5) * (axis.scale ?? Number.NaN);
  const word = transcript.find(({ start, end }) => start <= second && second < end);
  return `${axis.label} ${told(axis, steps, step)}${word ? ` “${word.text}”` : ""}`;
}

/** What a notebook does not store of the maps that are seen, if anything. */
export function coarseness({ facts, tiles, indices }: Shown): string {
  const coarse = indices.find((index) => (tiles.finest(index) ?? 1) > 0);
  if (coarse === undefined) return "";
  const { rows, columns } = facts.panels[coarse];
  const levels = tiles.levels(coarse);
  const level = levels[tiles.finest(coarse) ?? levels.length - 1];
  return trans.__(
    "The notebook stores %1 × %2 of %3 × %4 cells, each the mean of %5 × %6. Run the cell again to see every cell.",
    ...[level.rows, level.columns, rows, columns, level.rowsPerCell, level.columnsPerCell].map(grouped),
  );
}

function numberAt(tiles: Tiles, panel: number, { row, column }: { row: number; column: number }): string {
  const found = tiles.value(panel, row, column);
  if (!found) return "…";
  if (!Number.isFinite(found.value)) return trans.__("no value");
  const number = short(Number(found.value.toPrecision(3)));
  return found.rows * found.columns > 1 ? trans.__("%1 (mean of %2 × %3)", number, found.rows, found.columns) : number;
}
