// Big maps become one small picture inside the SVG instead of thousands of rectangles.
import { createRequire } from "node:module";
import { inflateRawSync } from "node:zlib";
import { type MapColours, mapColour } from "../colours";
import type { PanelFacts } from "./facts";
import type { PackedTile } from "./pack";
import { type Level, levelsOf, tileSide, tileSize } from "./pyramid";
import { decode, noNumber, place, type Range, type Tone } from "./scale";

const load = createRequire(__filename);

/** The colours of a figure's numbers. */
export interface Colouring {
  readonly colours: MapColours;
  readonly range: Range;
  readonly tone: Tone;
  readonly diverging: boolean;
}

/** All cells of one level of a map as bytes. */
export function levelCodes(
  panel: PanelFacts,
  tiles: readonly PackedTile[],
  index: number,
): Level & { codes: Uint8Array } {
  const level = levelsOf(panel.rows, panel.columns)[index];
  const codes = new Uint8Array(level.rows * level.columns).fill(noNumber);
  for (const { level: own, row, column, bytes } of tiles) {
    if (own !== index) continue;
    const size = tileSize(level, row, column);
    const tile = inflateRawSync(bytes, { maxOutputLength: tileSide ** 2 });
    for (let y = 0; y < size.rows; y++) {
      const line = tile.subarray(y * size.columns, (y + 1) * size.columns);
      codes.set(line, (row * tileSide + y) * level.columns + column * tileSide);
    }
  }
  return { ...level, codes };
}

/** A map as a PNG data URI, in the finest level that there is with at most `most` cells a side. No number is transparent. */
export function mapPicture(
  panel: PanelFacts,
  tiles: readonly PackedTile[],
  most: number,
  { colours, range, tone, diverging }: Colouring,
  upwards = false,
): string {
  const known = new Set(tiles.map(({ level }) => level));
  const levels = levelsOf(panel.rows, panel.columns);
  const fits = levels.findIndex(({ rows, columns }, level) => known.has(level) && Math.max(rows, columns) <= most);
  const { codes, rows, columns } = levelCodes(panel, tiles, fits < 0 ? levels.length - 1 : fits);
  const table = Array.from({ length: noNumber }, (_, code) =>
    mapColour(colours, place(decode(code, panel), range, tone, diverging)),
  );
  const data = new Uint8Array(rows * columns * 4);
  for (const [cell, code] of codes.entries()) {
    if (code === noNumber) continue;
    const row = Math.floor(cell / columns);
    data.set([...table[code], 255], ((upwards ? rows - 1 - row : row) * columns + (cell % columns)) * 4);
  }
  return png(columns, rows, data);
}

/** The colours from the low to the high end. */
export function barPicture(colours: MapColours): string {
  const steps = Array.from({ length: 128 }, (_, step) => [...mapColour(colours, step / 127), 255]);
  return png(128, 1, Uint8Array.from(steps.flat()));
}

function png(width: number, height: number, data: Uint8Array): string {
  const { encode } = load("fast-png") as typeof import("fast-png", { with: { "resolution-mode": "import" }});
  const bytes = encode({ width, height, data, channels: 4 }, { zlib: { level: 9 } });
  return `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`;
}
