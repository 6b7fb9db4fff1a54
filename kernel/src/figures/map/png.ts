// Big maps become one small picture inside the SVG instead of thousands of rectangles.
import { createRequire } from "node:module";
import { inflateRawSync } from "node:zlib";
import { type MapColours, mapColour } from "../colours";
import type { PanelFacts } from "./facts";
import type { PackedTile } from "./pack";
import { levelsOf, tileSide, tileSize } from "./pyramid";
import { decode, noNumber, place, type Range, type Tone } from "./scale";

const load = createRequire(__filename);

/** The colours of a figure's numbers. */
export interface Colouring {
  readonly colours: MapColours;
  readonly range: Range;
  readonly tone: Tone;
  readonly diverging: boolean;
}

/** A map as a PNG data URI, in the finest level with at most `most` cells a side. No number is transparent. */
export function mapPicture(
  panel: PanelFacts,
  tiles: readonly PackedTile[],
  most: number,
  { colours, range, tone, diverging }: Colouring,
  upwards = false,
): string {
  const levels = levelsOf(panel.rows, panel.columns);
  const fits = levels.findIndex(({ rows, columns }) => Math.max(rows, columns) <= most);
  const index = fits < 0 ? levels.length - 1 : fits;
  const { rows, columns } = levels[index];
  const table = Array.from({ length: noNumber }, (_, code) =>
    mapColour(colours, place(decode(code, panel), range, tone, diverging)),
  );
  const data = new Uint8Array(rows * columns * 4);
  for (const tile of tiles) {
    if (tile.level !== index) continue;
    const codes = inflateRawSync(tile.bytes);
    const size = tileSize(levels[index], tile.row, tile.column);
    for (const [cell, code] of codes.entries()) {
      if (code === noNumber) continue;
      const row = tile.row * tileSide + Math.floor(cell / size.columns);
      const column = tile.column * tileSide + (cell % size.columns);
      data.set([...table[code], 255], ((upwards ? rows - 1 - row : row) * columns + column) * 4);
    }
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
