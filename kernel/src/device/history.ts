// The last hour of a kernel, so that who looks late sees the past at once. Its memory is bounded: the last minute is as it
// was sampled, of what is older one value a second is kept, the largest.
import type { Values } from "./probe";
import { type Columns, Trails } from "./trail";

/** When a cell ran. */
export interface CellMark {
  readonly msg_id: string;
  readonly execution_count: number;
  readonly start_ms: number;
  readonly end_ms?: number;
}

const fineMs = 60_000;
const coarseMs = 1000;
const hourMs = 3_600_000;
const mostCells = 500;

export class History {
  readonly #trails = new Trails();
  readonly #cells = new Map<string, CellMark>();
  #tidied = 0;

  add(timeMs: number, values: Values): void {
    this.#trails.add(timeMs, values);
    if (timeMs - this.#tidied < fineMs / 4) return;
    this.#tidied = timeMs;
    this.#trails.thin(coarseMs, timeMs - fineMs);
    this.#trails.forget(timeMs - hourMs);
  }

  /** A cell has begun, or ended. */
  mark(cell: CellMark): void {
    this.#cells.set(cell.msg_id, cell);
    const [oldest] = this.#cells.keys();
    if (this.#cells.size > mostCells) this.#cells.delete(oldest);
  }

  /** The latest cells. */
  get cells(): CellMark[] {
    return [...this.#cells.values()];
  }

  /** Values of all series together. */
  get length(): number {
    return this.#trails.length;
  }

  columns(): Map<string, Columns> {
    return this.#trails.columns();
  }
}
