// Which part of the time is seen. It follows the newest sample until the user stops it, or looks at something earlier.

export type Range = readonly [from: number, to: number];

const least = 1_000;
const atFirst = 15_000;

export class TimeWindow {
  /** @param spanMs how much is seen while it follows */
  constructor(public spanMs: number) {}

  get follows(): boolean {
    return this.#still === undefined;
  }

  /** What is seen of a record that reaches from `oldest` to `newest`. */
  range({ oldest, newest }: Extent): Range {
    if (this.#still) return this.#still;
    const span = Math.min(this.spanMs, Math.max(atFirst, newest - oldest));
    return [newest - span, newest];
  }

  /** Stands still. */
  pause(extent: Extent): void {
    this.#still = this.range(extent);
  }

  /** Follows again. */
  resume(): void {
    this.#still = undefined;
  }

  /** Shows that part; where it reaches the newest sample it goes on following. */
  show([from, to]: Range, extent: Extent): void {
    const span = Math.max(least, to - from);
    const followed = this.follows && to >= extent.newest - 0.02 * span;
    if (followed) this.spanMs = span;
    else this.#still = [to - span, to];
  }

  /** Makes what is seen `factor` times as long: about its end while it follows, else about its middle. */
  zoom(factor: number, extent: Extent): void {
    const [from, to] = this.range(extent);
    const span = Math.min(Math.max(least, (to - from) * factor), 24 * 3_600_000);
    const end = this.follows ? to : to + (span - (to - from)) / 2;
    this.show([end - span, end], extent);
  }

  /** Moves by that part of what is seen. */
  pan(part: number, extent: Extent): void {
    const [from, to] = this.range(extent);
    const by = part * (to - from);
    if (part > 0 && to + by >= extent.newest) {
      if (!this.follows) this.spanMs = to - from;
      this.resume();
    } else this.#still = [from + by, to + by];
  }

  #still: Range | undefined;
}

/** From the first to the last sample. */
export interface Extent {
  readonly oldest: number;
  readonly newest: number;
}
