// A map in several resolutions, cut into tiles. Also used by the extension.
import { type Coding, encode, type Spread } from "./scale";

/** Cells along a side of a tile. */
export const tileSide = 256;
/** A side is halved from level to level while it has more cells than this. */
const enough = 64;

export interface Level {
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of the map in one cell of this level. */
  readonly rowsPerCell: number;
  readonly columnsPerCell: number;
}

/** The resolutions of a map, the full one first. */
export function levelsOf(rows: number, columns: number): Level[] {
  const levels: Level[] = [];
  for (let [down, across] = [1, 1]; ; ) {
    const level = { rows: Math.ceil(rows / down), columns: Math.ceil(columns / across) };
    levels.push({ ...level, rowsPerCell: down, columnsPerCell: across });
    if (level.rows <= enough && level.columns <= enough) return levels;
    if (level.rows > enough) down *= 2;
    if (level.columns > enough) across *= 2;
  }
}

export interface Tile {
  readonly level: number;
  /** Which tile of the level, counted from 0. */
  readonly row: number;
  readonly column: number;
  /** Its cells as bytes, row by row; fewer than {@link tileSide} a side at the lower and right edge. */
  readonly codes: Uint8Array;
}

/** Cells of a tile at `row`, `column` of a level. */
export const tileSize = ({ rows, columns }: Pick<Level, "rows" | "columns">, row: number, column: number) => ({
  rows: Math.min(tileSide, rows - row * tileSide),
  columns: Math.min(tileSide, columns - column * tileSide),
});

/** The tiles of all levels. A cell of a coarser level is the mean of the cells of the map in it. */
export function* tiles(values: ArrayLike<number>, rows: number, columns: number, coding: Coding): Generator<Tile> {
  const levels = levelsOf(rows, columns);
  let finer = { values, ...levels[0] };
  for (const [index, level] of levels.entries()) {
    const cells = index === 0 ? values : halved(finer, level);
    finer = { values: cells, ...level };
    const codes = new Uint8Array(level.rows * level.columns);
    for (let cell = 0; cell < codes.length; cell++) codes[cell] = encode(cells[cell], coding);
    for (let row = 0; row * tileSide < level.rows; row++) {
      for (let column = 0; column * tileSide < level.columns; column++) {
        const size = tileSize(level, row, column);
        const tile = new Uint8Array(size.rows * size.columns);
        for (let y = 0; y < size.rows; y++) {
          const from = (row * tileSide + y) * level.columns + column * tileSide;
          tile.set(codes.subarray(from, from + size.columns), y * size.columns);
        }
        yield { level: index, row, column, codes: tile };
      }
    }
  }
}

function halved(from: Level & { values: ArrayLike<number> }, to: Level): Float32Array {
  const [down, across] = [to.rowsPerCell / from.rowsPerCell, to.columnsPerCell / from.columnsPerCell];
  const sums = new Float32Array(to.rows * to.columns);
  const counts = new Uint8Array(to.rows * to.columns);
  for (let row = 0; row < from.rows; row++) {
    const start = Math.floor(row / down) * to.columns;
    for (let column = 0; column < from.columns; column++) {
      const value = from.values[row * from.columns + column];
      if (!Number.isFinite(value)) continue;
      const cell = start + Math.floor(column / across);
      sums[cell] += value;
      counts[cell]++;
    }
  }
  for (let cell = 0; cell < sums.length; cell++) sums[cell] /= counts[cell]; // none: NaN
  return sums;
}

/** How the numbers of a map spread, and so how they are kept. */
export function spreadOf(values: ArrayLike<number>, diverging: boolean): Spread & { skewed: boolean } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let cell = 0; cell < values.length; cell++) {
    const value = values[cell];
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [0, 1];
  const whole: [number, number] = [low, high];
  if (diverging) high = Math.max(Math.abs(low), Math.abs(high));
  if (diverging) low = -high;
  const ordered = finite(values).sort();
  const at = (share: number) => ordered[Math.round(share * (ordered.length - 1))] ?? low;
  // A diagonal far above all else is cut short, but stays apart from it.
  const most: [number, number] = [at(0.005), Math.max(at(0.985), low >= 0 ? high / 25 : low)];
  // Half of the cells would share the lowest fifth of the colours.
  const skewed = diverging
    ? ordered.map(Math.abs).sort()[ordered.length >> 1] < 0.2 * Math.max(-most[0], most[1])
    : low >= 0 && at(0.5) - low < 0.2 * (most[1] - low);
  const steps = diverging ? "signed" : low >= 0 && at(0.5) - low < 0.2 * (high - low) ? "cubic" : "even";
  return { low, high, steps, whole, most, skewed };
}

// A sample of the cells is enough to know how they spread; its stride shares no factor with their number, so that it
// follows no row or column.
function finite(values: ArrayLike<number>): Float32Array {
  let stride = Math.max(1, Math.floor(values.length / 200_000));
  while (commonFactor(stride, values.length) > 1) stride++;
  const kept: number[] = [];
  for (let cell = 0; cell < values.length; cell += stride) if (Number.isFinite(values[cell])) kept.push(values[cell]);
  return Float32Array.from(kept);
}

const commonFactor = (a: number, b: number): number => (b === 0 ? a : commonFactor(b, a % b));
