// What a map figure is made of.
import type { Facts } from "../figure";
import type { Tone } from "./scale";
import type { MapAlong, MapAxis, MapPlace } from "./terms";

/** One map of the figure, such as one head. */
export interface MapPanel {
  readonly name: string;
  /** With places, the figure shows one map per mixer and steps through the rest; without, all maps at once. */
  readonly at?: MapPlace;
  /**
   * Row by row, `[rows, columns]`: flat (then `shape` says how) or nested. A function is called when the figure is
   * shown, one panel after another, so that no more than one big matrix exists at a time.
   */
  readonly values: MapValues | (() => Promise<MapValues>);
  /** `[rows, columns]`; not needed for nested values. */
  readonly shape?: readonly number[];
}

export type MapValues = ArrayLike<number> | readonly (readonly number[])[];

export interface HeatmapOptions {
  readonly title: string;
  readonly panels: readonly MapPanel[];
  /** The columns. */
  readonly x: MapAxis;
  /** The rows. */
  readonly y: MapAxis;
  /** What a cell's number is: `"attention weight"`. */
  readonly colourLabel: string;
  /** Colours run from negative over zero to positive (default: from the lowest to the highest). */
  readonly diverging?: boolean;
  /** How numbers become colours (default: the square root where few cells of a map hold most of the weight, else linear). */
  readonly tone?: Tone;
  /** All maps share one colour scale (default: if they come from one mixer). */
  readonly sameColours?: boolean;
  readonly along?: MapAlong;
  readonly facts?: Facts;
}
