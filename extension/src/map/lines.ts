// The row or the column of each map at the cursor, as curves.
import { nameOf } from "../../../kernel/src/figures/map/places";
import { trans } from "../translation";
import type { CurvesDrawing } from "./curve";
import { lineOf } from "./rows";
import type { Shown } from "./shown";
import { type Cursor, cellAt, placeWords } from "./words";

/** Nothing where no cells are there yet. */
export function linesAt(at: Cursor, side: "row" | "column", shown: Shown): CurvesDrawing | undefined {
  const { facts, tiles, viewport, choices, indices } = shown;
  const row = side === "row";
  const axis = facts[row ? "x" : "y"];
  const scale = axis.scale ?? 1;
  const curves = indices.flatMap((index) => {
    const cell = cellAt(at, facts.panels[index]);
    const line = lineOf(tiles, index, row ? "x" : "y", row ? cell.row : cell.column);
    if (!line) return [];
    const [low, high] = shown.range(index);
    const unit = choices.sameColours ? 1 : Math.max(Math.abs(low), Math.abs(high)) || 1;
    return [{ name: nameOf(facts.panels[index]), values: line.values, step: line.per * scale, unit }];
  });
  if (curves.length === 0) return undefined;
  const panel = facts.panels[indices[0]];
  const cell = cellAt(at, panel);
  const [from, to] = viewport.of(panel)[row ? "x" : "y"];
  return {
    title: row
      ? trans.__("row: %1", placeWords(facts, "y", panel.rows, cell.row))
      : trans.__("column: %1", placeWords(facts, "x", panel.columns, cell.column)),
    axisLabel: axis.scale ? `${axis.label} (s)` : axis.unit ? `${axis.label} (${axis.unit})` : axis.label,
    valueLabel: choices.sameColours ? facts.colourLabel : trans.__("%1, each to its own scale", facts.colourLabel),
    range: [from * scale, to * scale],
    curves,
  };
}
