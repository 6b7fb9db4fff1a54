// Values over time in bounded memory: where there are too many, neighbours are merged, and the larger one stays.
import type { Values } from "./probe";

/** The values of one series in order of time. */
export interface Columns {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** One series. */
export class Trail {
  #times = new Float64Array(64);
  #values = new Float64Array(64);
  length = 0;

  add(timeMs: number, value: number): void {
    if (this.length === this.#times.length) {
      this.#times = grown(this.#times);
      this.#values = grown(this.#values);
    }
    this.#times[this.length] = timeMs;
    this.#values[this.length++] = value;
  }

  /** Keeps, of what is older than `before`, the largest value of every `widthMs`, and the first and the last of all. */
  thin(widthMs: number, before: number): void {
    let kept = 0;
    for (let row = 0; row < this.length; row++) {
      const [time, value] = [this.#times[row], this.#values[row]];
      const isInside = kept > 1 && row < this.length - 1 && time < before;
      const merges = isInside && bucket(time, widthMs) === bucket(this.#times[kept - 1], widthMs);
      if (merges && value < this.#values[kept - 1]) continue;
      const to = merges ? kept - 1 : kept++;
      this.#times[to] = time;
      this.#values[to] = value;
    }
    this.length = kept;
  }

  /** Forgets what is older. */
  forget(before: number): void {
    let first = 0;
    while (first < this.length && this.#times[first] < before) first++;
    this.#times.copyWithin(0, first, this.length);
    this.#values.copyWithin(0, first, this.length);
    this.length -= first;
  }

  /** A copy of all rows. */
  columns(): Columns {
    return { timesMs: this.#times.slice(0, this.length), values: this.#values.slice(0, this.length) };
  }
}

/** Several series, by name. Where one gets longer than `mostRows`, all of it is thinned. */
export class Trails {
  readonly #trails = new Map<string, Trail>();
  #widthMs = 50;

  constructor(private readonly mostRows = Number.POSITIVE_INFINITY) {}

  add(timeMs: number, values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      if (!this.#trails.has(name)) this.#trails.set(name, new Trail());
      const trail = this.#trails.get(name)!;
      trail.add(timeMs, value);
      while (trail.length > this.mostRows) {
        this.#widthMs *= 2;
        this.thin(this.#widthMs, Number.POSITIVE_INFINITY);
      }
    }
  }

  /** Adds what is later than what it has. */
  append(parts: ReadonlyMap<string, Columns>): void {
    for (const [name, { timesMs, values }] of parts) {
      timesMs.forEach((timeMs, row) => {
        this.add(timeMs, { [name]: values[row] });
      });
    }
  }

  /** Values of all series together. */
  get length(): number {
    return [...this.#trails.values()].reduce((sum, { length }) => sum + length, 0);
  }

  thin(widthMs: number, before: number): void {
    for (const trail of this.#trails.values()) trail.thin(widthMs, before);
  }

  forget(before: number): void {
    for (const [name, trail] of this.#trails) {
      trail.forget(before);
      if (trail.length === 0) this.#trails.delete(name);
    }
  }

  columns(): Map<string, Columns> {
    return new Map([...this.#trails].map(([name, trail]) => [name, trail.columns()]));
  }
}

const bucket = (time: number, width: number): number => Math.floor(time / width);

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}
