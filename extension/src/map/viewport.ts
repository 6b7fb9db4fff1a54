// Which part of the maps is seen. Maps side by side share it, so it is told in shares of a map, from 0 to 1.
import type { View } from "../../../kernel/src/figures/map/marks";
import type { Range } from "../../../kernel/src/figures/map/scale";

export class Viewport {
  x: Range = [0, 1];
  y: Range = [0, 1];

  /** @param least share that can fill the plot */
  constructor(private readonly least: { x: number; y: number }) {}

  get whole(): boolean {
    return this.x[0] === 0 && this.x[1] === 1 && this.y[0] === 0 && this.y[1] === 1;
  }

  /** In rows and columns of a map. */
  of({ rows, columns }: { rows: number; columns: number }): View {
    return { x: [this.x[0] * columns, this.x[1] * columns], y: [this.y[0] * rows, this.y[1] * rows] };
  }

  /** Makes everything `factor` times as large; the point at shares x, y of the view stays where it is. */
  zoom(factor: number, x = 0.5, y = 0.5): void {
    this.x = zoomed(this.x, factor, x, this.least.x);
    this.y = zoomed(this.y, factor, y, this.least.y);
  }

  /** Moves by shares of the view. */
  pan(x: number, y: number): void {
    this.x = moved(this.x, x);
    this.y = moved(this.y, y);
  }

  /** Shows the part between two points, given in shares of the view. */
  box(x: Range, y: Range): void {
    this.x = part(this.x, x, this.least.x);
    this.y = part(this.y, y, this.least.y);
  }

  all(): void {
    this.x = [0, 1];
    this.y = [0, 1];
  }

  /** Moves as little as it takes to see a point of the map. */
  reveal(x: number, y: number): void {
    this.x = moved(this.x, outside(this.x, x));
    this.y = moved(this.y, outside(this.y, y));
  }
}

function zoomed([from, to]: Range, factor: number, at: number, least: number): Range {
  const span = Math.min(1, Math.max(least, (to - from) / factor));
  const fixed = from + at * (to - from);
  return inside(fixed - at * span, span);
}

const moved = ([from, to]: Range, by: number): Range => inside(from + by * (to - from), to - from);

function part([from, to]: Range, [one, other]: Range, least: number): Range {
  const [low, high] = [Math.min(one, other), Math.max(one, other)].map((at) => from + at * (to - from));
  return inside(low, Math.max(least, high - low));
}

function inside(from: number, span: number): Range {
  if (span >= 1) return [0, 1];
  const start = Math.min(1 - span, Math.max(0, from));
  return [start, start + span];
}

const outside = ([from, to]: Range, at: number): number =>
  at < from ? (at - from) / (to - from) - 0.1 : at >= to ? (at - to) / (to - from) + 0.1 : 0;
