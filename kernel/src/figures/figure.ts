// What every figure can do: show itself, be drawn for a page, and hand out its numbers.
import type { Table } from "apache-arrow";
import type { Displayable } from "./display";
import type { Theme } from "./theme";

/** What a reader must know to make the figure again. */
export interface Facts {
  /** The sentence below the figure. */
  readonly caption?: string;
  /** From which the random numbers behind it came. */
  readonly seed?: number | string;
  /** What it was computed on (default: this machine). */
  readonly machine?: string;
}

/** A figure, as `figures.curves`, `figures.heatmap`, `figures.memoryTrace` and `figures.table` make it. */
export interface Figure extends Displayable {
  readonly title: string;
  readonly facts: Facts;
  /** The figure as an SVG document for a page (default: for a notebook). */
  svg(theme?: Theme): string | Promise<string>;
  /** Its numbers, with what its axes are and their units in the schema's metadata: all that it takes to draw it again. */
  data(): Table | Promise<Table>;
  /** What stands in the columns of {@link rows}, with units. */
  readonly columns: readonly string[];
  /** Its numbers as lines of a spreadsheet. */
  rows(): Iterable<readonly unknown[]> | Promise<Iterable<readonly unknown[]>>;
}

/** Something that is drawn as one figure, such as a map or a memory profile. */
export interface Drawable {
  figure(): Figure | Promise<Figure>;
}
