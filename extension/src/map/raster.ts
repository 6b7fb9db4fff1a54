// Draws the visible part of a map from its tiles, in the resolution that the screen has room for.
import type { Box } from "../../../kernel/src/figures/map/layout";
import { type Level, tileSide } from "../../../kernel/src/figures/map/pyramid";
import type { Range } from "../../../kernel/src/figures/map/scale";
import type { Colouring, Place, Tiles } from "./tiles";

export interface RasterView {
  readonly panel: number;
  /** Visible rows and columns of the map. */
  readonly x: Range;
  readonly y: Range;
  readonly box: Box;
  /** The first row at the bottom. */
  readonly upwards: boolean;
  /** Pixels of the screen in one of the box. */
  readonly density: number;
}

/** What a drawing lacks. */
export interface Lack {
  /** Tiles that would make it finer but are not there. */
  readonly missing: readonly Place[];
  /** Some that are there are still being uncompressed. */
  readonly waiting: boolean;
}

/** Draws it. @returns what it lacks */
export function drawRaster(
  context: CanvasRenderingContext2D,
  tiles: Tiles,
  view: RasterView,
  colouring: Colouring,
): Lack {
  const { panel, box, x, y, density, upwards } = view;
  const levels = tiles.levels(panel);
  const wanted = fitting(levels, (x[1] - x[0]) / (box.width * density), (y[1] - y[0]) / (box.height * density));
  let missing: Place[] = [];
  let waiting = false;
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  if (upwards) {
    context.translate(0, 2 * box.y + box.height);
    context.scale(1, -1);
  }
  // Coarse tiles first, where finer ones are still to come.
  const drawn = seen(panel, wanted, levels[wanted], view);
  const ready = drawn.map((at) => tiles.painted(at, colouring));
  if (ready.some((canvas) => !canvas)) {
    missing = drawn.filter((at) => !tiles.has(at));
    waiting = missing.length < ready.filter((canvas) => !canvas).length;
    for (let level = levels.length - 1; level > wanted; level--) {
      for (const at of seen(panel, level, levels[level], view)) {
        const canvas = tiles.painted(at, colouring);
        waiting ||= !canvas && tiles.has(at);
        if (canvas) drawTile(context, canvas, at, levels[level], view);
      }
    }
  }
  for (const [index, at] of drawn.entries()) {
    const canvas = ready[index];
    if (canvas) drawTile(context, canvas, at, levels[wanted], view);
  }
  context.restore();
  return { missing, waiting };
}

// The coarsest level that has a cell for every pixel, or the finest there is.
function fitting(levels: readonly Level[], columnsPerPixel: number, rowsPerPixel: number): number {
  const fits = (level: Level) =>
    level.columnsPerCell <= Math.max(1, columnsPerPixel) && level.rowsPerCell <= Math.max(1, rowsPerPixel);
  return Math.max(0, levels.filter(fits).length - 1);
}

function seen(panel: number, level: number, size: Level, { x, y }: RasterView): Place[] {
  const found: Place[] = [];
  const [first, last] = [x[0], x[1]].map((at) => at / size.columnsPerCell / tileSide);
  const [top, bottom] = [y[0], y[1]].map((at) => at / size.rowsPerCell / tileSide);
  const rows = Math.ceil(size.rows / tileSide);
  const columns = Math.ceil(size.columns / tileSide);
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(rows, Math.ceil(bottom)); row++)
    for (let column = Math.max(0, Math.floor(first)); column < Math.min(columns, Math.ceil(last)); column++)
      found.push({ panel, level, row, column });
  return found;
}

function drawTile(
  context: CanvasRenderingContext2D,
  canvas: HTMLCanvasElement,
  { row, column }: Place,
  { rowsPerCell, columnsPerCell }: Level,
  { x, y, box, density }: RasterView,
): void {
  const across = box.width / (x[1] - x[0]);
  const down = box.height / (y[1] - y[0]);
  const snap = (at: number) => Math.round(at * density) / density;
  const left = snap(box.x + (column * tileSide * columnsPerCell - x[0]) * across);
  const top = snap(box.y + (row * tileSide * rowsPerCell - y[0]) * down);
  const right = snap(box.x + ((column * tileSide + canvas.width) * columnsPerCell - x[0]) * across);
  const bottom = snap(box.y + ((row * tileSide + canvas.height) * rowsPerCell - y[0]) * down);
  // Cells larger than pixels keep their edges.
  context.imageSmoothingEnabled = (right - left) * density < canvas.width;
  context.drawImage(canvas, left, top, right - left, bottom - top);
}
