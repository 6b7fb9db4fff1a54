// What a packed map can do: show itself, be drawn for a page, and hand out its numbers.
import type { Table } from "apache-arrow";
import { base64, factsIn, ipc } from "../arrow";
import { displaySymbol, type MimeBundle } from "../display";
import type { Facts, Figure } from "../figure";
import { givenFacts } from "../paper/facts";
import { short } from "../units";
import type { MapFacts } from "./facts";
import type { HeatmapOptions, MapPanel } from "./options";
import { fitting, type PackedMap, type PackedTile, tileTable } from "./pack";
import { levelCodes } from "./png";
import { decode } from "./scale";
import { keepTiles } from "./server";
import { heatmapSvg } from "./svg";

export const mapMimeType = "application/vnd.bestrq.map.v2+arrow";

/** Characters that a figure may add to a notebook. */
const mostSaved = 750_000;

type Named = Pick<HeatmapOptions, "title" | "x" | "y" | "colourLabel">;

/** @internal The figure of a map that is packed when it is first needed. */
export function mapFigure(named: Named, facts: Facts = {}, packed: () => PackedMap | Promise<PackedMap>): Figure {
  const { title, x, y, colourLabel } = named;
  let bundle: MimeBundle | Promise<MimeBundle> | undefined;
  return {
    title,
    facts,
    svg: (page) => whenThere(packed(), (map) => heatmapSvg(map, describeMap(map), page)),
    data: () => whenThere(packed(), (map) => tileTable(map.tiles, { kind: "map", ...map.facts })),
    columns: ["map", `${y.label} (${y.unit ?? "row"})`, `${x.label} (${x.unit ?? "column"})`, colourLabel],
    rows: () => whenThere(packed(), storedRows),
    [displaySymbol]: () => {
      bundle ??= whenThere(packed(), (map) => mapBundle(map, facts));
      return bundle;
    },
  };
}

/** @internal The figure in a table that `data()` made. */
export function mapIn(table: Table, facts: Facts): Figure {
  const told = factsIn(table) as unknown as MapFacts;
  const tiles = table.toArray().map((row): PackedTile => {
    const { panel, level, row: down, column, tile } = row as Record<string, number> & { tile: Uint8Array };
    return { panel, level, row: down, column, bytes: tile };
  });
  return mapFigure(told, facts, () => ({ facts: told, tiles }));
}

function whenThere<From, To>(value: From | Promise<From>, use: (value: From) => To): To | Promise<To> {
  return value instanceof Promise ? value.then(use) : use(value);
}

function mapBundle(map: PackedMap, facts: Facts): MimeBundle {
  const description = describeMap(map);
  const svg = heatmapSvg(map, description);
  const metadata = JSON.stringify(map.facts).length;
  const saved = fitting(map, (mostSaved - svg.length) * 0.75 - metadata - 20_000);
  const live = saved.length < map.tiles.length ? keepTiles(map) : undefined;
  return {
    [mapMimeType]: base64(ipc(tileTable(saved, { kind: "map", ...map.facts }), { ...givenFacts(facts), live })),
    "image/svg+xml": svg,
    "text/plain": description,
  };
}

/** @internal Every cell of maps that are there. */
export function* exactRows(
  maps: readonly (Pick<MapPanel, "name"> & { cells: ArrayLike<number>; rows: number; columns: number })[],
): Generator<readonly unknown[]> {
  for (const { name, cells, columns } of maps) {
    for (let cell = 0; cell < cells.length; cell++)
      yield [name, Math.floor(cell / columns), cell % columns, cells[cell]];
  }
}

// As far as a byte tells them.
function* storedRows({ facts, tiles }: PackedMap): Generator<readonly unknown[]> {
  for (const [index, panel] of facts.panels.entries()) {
    const own = tiles.filter((tile) => tile.panel === index);
    const level = Math.min(...own.map(({ level }) => level));
    const { codes, columns, rowsPerCell, columnsPerCell } = levelCodes(panel, own, level);
    for (const [cell, code] of codes.entries()) {
      const value = Number(decode(code, panel).toPrecision(3));
      yield [panel.name, Math.floor(cell / columns) * rowsPerCell, (cell % columns) * columnsPerCell, value];
    }
  }
}

/** In a line: title, how many maps of which shape, and the range of their values. */
function describeMap({ facts: { title, panels, x, y, colourLabel } }: PackedMap): string {
  const shapes = [...new Set(panels.map(({ rows, columns }) => `${rows} × ${columns}`))].join(", ");
  const low = Math.min(...panels.map(({ whole }) => whole[0]));
  const high = Math.max(...panels.map(({ whole }) => whole[1]));
  const count = panels.length === 1 ? "one map" : `${panels.length} maps`;
  return `${title}: ${count} of ${shapes} (${y.label} × ${x.label}), ${colourLabel} from ${short(low)} to ${short(high)}`;
}
