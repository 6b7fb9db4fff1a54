// What a kernel has told about its memory: series of samples, each with what it measures, and when which cell ran.
import { Ring } from "./ring";

/** What a series measures. */
export interface SeriesFacts {
  readonly name: string;
  readonly label: string;
  /** What is counted, in a sentence. */
  readonly what: string;
  /** How fine and how often, in a sentence. */
  readonly resolution: string;
  readonly group: Group;
  /** The most that there can be (bytes). */
  readonly limit?: number;
}

/** Who counts: they are never added up, and each has its own plot. */
export type Group = (typeof groups)[number];
export const groups = ["device", "process", "tensorflow", "webgpu", "wasm", "other"] as const;

export interface Series extends SeriesFacts {
  readonly ring: Ring;
}

/** When a cell ran; the one that still runs has no end. */
export interface CellSpan {
  readonly id: string;
  readonly count: number | null;
  readonly startMs: number;
  endMs?: number;
}

/** An hour at the fastest rate. */
export const mostSamples = 72_000;
const mostSeries = 64;
const mostCells = 5_000;

export class DeviceRecord {
  readonly series = new Map<string, Series>();
  readonly cells: CellSpan[] = [];
  /** What the kernel could not measure, and why. */
  notes: readonly string[] = [];

  /** @param historyMs how much of the past is kept */
  constructor(public historyMs: number) {}

  /** When the last sample was taken, by the kernel's clock; undefined before the first. */
  get newest(): number | undefined {
    return this.#newest;
  }

  /** When the oldest sample that is kept was taken. */
  get oldest(): number | undefined {
    const starts = [...this.series.values()].flatMap(({ ring }) => (ring.length > 0 ? [ring.time(0)] : []));
    return starts.length > 0 ? Math.min(...starts) : undefined;
  }

  /** Says which series there are; what is known of a series already is kept. */
  describe(series: readonly SeriesFacts[], notes: readonly string[]): void {
    const before = new Map(this.series);
    this.series.clear();
    for (const facts of series.slice(0, mostSeries)) {
      this.series.set(facts.name, { ...facts, ring: before.get(facts.name)?.ring ?? new Ring(mostSamples) });
    }
    this.notes = notes;
  }

  /** Takes in a sample of a series that has been described; another one is left out. */
  add(name: string, time: number, value: number): void {
    const ring = this.series.get(name)?.ring;
    if (!ring || !Number.isFinite(time) || !Number.isFinite(value) || !ring.push(time, value)) return;
    if (this.#newest === undefined || time > this.#newest) this.#newest = time;
  }

  /** A cell has started or, the same one again, ended. */
  mark({ id, count, startMs, endMs }: CellSpan): void {
    const known = this.#lastCell((cell) => cell.id === id && cell.startMs === startMs);
    if (known) known.endMs = endMs;
    else {
      // A kernel runs one cell at a time.
      const last = this.cells.at(-1);
      if (last && last.endMs === undefined && startMs >= last.startMs) last.endMs = startMs;
      this.cells.push({ id, count, startMs, endMs });
    }
    if (this.cells.length > mostCells) this.cells.splice(0, this.cells.length - mostCells);
  }

  /** Forgets what is older than the history. */
  forget(): void {
    if (this.#newest === undefined) return;
    const from = this.#newest - this.historyMs;
    for (const { ring } of this.series.values()) ring.dropBefore(from);
    const kept = this.cells.findIndex(({ endMs }) => endMs === undefined || endMs >= from);
    this.cells.splice(0, kept === -1 ? this.cells.length : kept);
  }

  /** The cell that ran at `time`. */
  cellAt(time: number): CellSpan | undefined {
    return this.#lastCell(({ startMs, endMs }) => startMs <= time && time <= (endMs ?? time));
  }

  #lastCell(is: (cell: CellSpan) => boolean): CellSpan | undefined {
    for (let place = this.cells.length - 1; place >= 0; place--) if (is(this.cells[place])) return this.cells[place];
    return undefined;
  }

  #newest: number | undefined;
}
