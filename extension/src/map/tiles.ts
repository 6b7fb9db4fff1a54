// The cells of a figure, tile by tile: uncompressed when they are needed, and painted when they are seen.
import { type MapColours, mapColour } from "../../../kernel/src/figures/colours";
import type { PanelFacts } from "../../../kernel/src/figures/map/facts";
import { type Level, levelsOf, tileSide, tileSize } from "../../../kernel/src/figures/map/pyramid";
import { type Coding, decode, noNumber, place, type Range, type Tone } from "../../../kernel/src/figures/map/scale";
import { trans } from "../translation";
import type { StoredTile } from "./decode";

/** How the numbers of a map become colours. */
export interface Colouring {
  readonly colours: MapColours;
  readonly range: Range;
  readonly tone: Tone;
  readonly diverging: boolean;
}

export interface Place {
  readonly panel: number;
  readonly level: number;
  readonly row: number;
  readonly column: number;
}

const mostPainted = 240;
const keyOf = ({ panel, level, row, column }: Place) => `${panel},${level},${row},${column}`;

export class Tiles {
  readonly #levels: readonly (readonly Level[])[];
  readonly #stored = new Map<string, StoredTile>();
  readonly #codes = new Map<string, Uint8Array | Promise<void>>();
  readonly #finest = new Map<number, number>();
  readonly #painted = new Map<string, { colours: string; canvas: HTMLCanvasElement }>();

  /** @param changed is called when more can be drawn @param failed when a tile cannot be read */
  constructor(
    readonly panels: readonly PanelFacts[],
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {
    this.#levels = panels.map(({ rows, columns }) => levelsOf(rows, columns));
  }

  add(tiles: readonly StoredTile[]): void {
    for (const tile of tiles) this.#stored.set(keyOf(tile), tile);
    this.#finest.clear();
  }

  levels(panel: number): readonly Level[] {
    return this.#levels[panel];
  }

  has(place: Place): boolean {
    return this.#stored.has(keyOf(place));
  }

  /** The finest level that is there as a whole, undefined if none is. */
  finest(panel: number): number | undefined {
    let found = this.#finest.get(panel);
    if (found === undefined) {
      const complete = (level: Level, index: number) =>
        tilesIn(level).every((tile) => this.has({ panel, level: index, ...tile }));
      found = this.#levels[panel].findIndex(complete);
      this.#finest.set(panel, found);
    }
    return found < 0 ? undefined : found;
  }

  /** The cells of a tile as bytes, if they are there and uncompressed; else they will be, if they are there. */
  codes(at: Place): Uint8Array | undefined {
    const key = keyOf(at);
    const known = this.#codes.get(key);
    if (known instanceof Uint8Array) return known;
    const stored = this.#stored.get(key);
    if (known || !stored) return undefined;
    const { rows, columns } = tileSize(this.#levels[at.panel][at.level], at.row, at.column);
    const cells = rows * columns;
    if (stored.plain) {
      this.#codes.set(key, stored.bytes);
      return stored.bytes;
    }
    const waiting = inflated(stored.bytes, cells)
      .then((codes) => {
        this.#codes.set(key, codes);
        this.changed();
      })
      .catch(this.failed);
    this.#codes.set(key, waiting);
    return undefined;
  }

  /** A tile in colours, one pixel per cell. */
  painted(at: Place, colouring: Colouring): HTMLCanvasElement | undefined {
    const codes = this.codes(at);
    if (!codes) return undefined;
    const key = keyOf(at);
    const coding = this.panels[at.panel];
    const colours = JSON.stringify(colouring);
    const known = this.#painted.get(key);
    if (known?.colours === colours) return known.canvas;
    const canvas = known?.canvas ?? document.createElement("canvas");
    const size = tileSize(this.#levels[at.panel][at.level], at.row, at.column);
    paint(canvas, codes, size, pixels(coding, colouring, colours));
    this.#painted.delete(key);
    this.#painted.set(key, { colours, canvas });
    for (const oldest of this.#painted.keys()) {
      if (this.#painted.size <= mostPainted) break;
      this.#painted.delete(oldest);
    }
    return canvas;
  }

  /** The number at a cell of the map, from the finest level that is at hand, and the cells that it is the mean of. */
  value(panel: number, row: number, column: number): { value: number; rows: number; columns: number } | undefined {
    for (const [level, { rowsPerCell, columnsPerCell, ...size }] of this.#levels[panel].entries()) {
      const [y, x] = [Math.floor(row / rowsPerCell), Math.floor(column / columnsPerCell)];
      const tile = { row: Math.floor(y / tileSide), column: Math.floor(x / tileSide) };
      const codes = this.codes({ panel, level, ...tile });
      if (!codes) continue;
      const code = codes[(y % tileSide) * tileSize(size, tile.row, tile.column).columns + (x % tileSide)];
      return { value: decode(code, this.panels[panel]), rows: rowsPerCell, columns: columnsPerCell };
    }
    return undefined;
  }
}

/** All tiles of a level. */
function tilesIn({ rows, columns }: Level): { row: number; column: number }[] {
  const across = Math.ceil(columns / tileSide);
  return Array.from({ length: Math.ceil(rows / tileSide) * across }, (_, index) => ({
    row: Math.floor(index / across),
    column: index % across,
  }));
}

let lastPixels: { key: string; table: Uint32Array } | undefined;

// The pixel of each byte. Neighbouring tiles share it.
function pixels(coding: Coding, { colours, range, tone, diverging }: Colouring, key: string): Uint32Array {
  const full = `${coding.low} ${coding.high} ${coding.steps} ${key}`;
  if (lastPixels?.key === full) return lastPixels.table;
  const table = new Uint32Array(256); // no number stays transparent
  for (let code = 0; code < noNumber; code++) {
    const [red, green, blue] = mapColour(colours, place(decode(code, coding), range, tone, diverging));
    table[code] = (255 << 24) | (blue << 16) | (green << 8) | red;
  }
  lastPixels = { key: full, table };
  return table;
}

function paint(
  canvas: HTMLCanvasElement,
  codes: Uint8Array,
  { rows, columns }: { rows: number; columns: number },
  table: Uint32Array,
): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let cell = 0; cell < codes.length; cell++) pixels[cell] = table[codes[cell]];
  context.putImageData(image, 0, 0);
}

/** Uncompressed bytes, never more than there should be. @throws Error if there are fewer or more */
async function inflated(bytes: Uint8Array, count: number): Promise<Uint8Array> {
  const wrong = () => new Error(trans.__("a part of its data should hold %1 cells, but does not", count));
  const out = new Uint8Array(count);
  let filled = 0;
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw wrong();
    });
    if (done) break;
    if (filled + value.length > count) {
      void reader.cancel();
      throw wrong();
    }
    out.set(value, filled);
    filled += value.length;
  }
  if (filled !== count) throw wrong();
  return out;
}
