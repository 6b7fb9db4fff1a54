// One row or column of a map as numbers, in the finest resolution that is at hand.
import { tileSide, tileSize } from "../../../kernel/src/figures/map/pyramid";
import { decode } from "../../../kernel/src/figures/map/scale";
import type { Place, Tiles } from "./tiles";

export interface Line {
  readonly values: readonly number[];
  /** Steps of the map in one value. */
  readonly per: number;
}

/**
 * Row `step` of a map along x, or column `step` along y.
 *
 * @returns undefined while its tiles are being uncompressed
 */
export function lineOf(tiles: Tiles, panel: number, along: "x" | "y", step: number): Line | undefined {
  const index = tiles.finest(panel);
  if (index === undefined) return undefined;
  const level = tiles.levels(panel)[index];
  const across = along === "x";
  const fixed = Math.floor(step / (across ? level.rowsPerCell : level.columnsPerCell));
  const length = across ? level.columns : level.rows;
  const values: number[] = [];
  let ready = true;
  for (let part = 0; part * tileSide < length; part++) {
    const other = Math.floor(fixed / tileSide);
    const at: Place = across
      ? { panel, level: index, row: other, column: part }
      : { panel, level: index, row: part, column: other };
    const codes = tiles.codes(at);
    ready &&= codes !== undefined; // asks for all of them
    if (!codes) continue;
    const size = tileSize(level, at.row, at.column);
    for (let i = 0; i < (across ? size.columns : size.rows); i++) {
      const cell = across ? (fixed % tileSide) * size.columns + i : i * size.columns + (fixed % tileSide);
      values.push(decode(codes[cell], tiles.panels[panel]));
    }
  }
  return ready ? { values, per: across ? level.columnsPerCell : level.rowsPerCell } : undefined;
}
