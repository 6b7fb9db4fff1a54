// What a map figure is made of.
import type { Tone } from "./scale";

/** What the rows or the columns of a map are. */
export interface MapAxis {
  /** In a word or two: `"query frame"`, `"mel filter"`. */
  readonly label: string;
  /** What one step is, where it has a name: `"frame"`. */
  readonly unit?: string;
  /** Seconds per step, where steps are moments; the axis is then also told in seconds. */
  readonly scale?: number;
  /** The first row is drawn at the bottom, as in a spectrogram (default: at the top). For `y` only. */
  readonly upwards?: boolean;
}

/** Where in a model a map comes from: what a reader steps through. Mixers stand side by side. */
export interface MapPlace {
  readonly mixer?: string;
  /** Counted from 0. */
  readonly layer?: number;
  readonly head?: string;
  /** The training step. */
  readonly checkpoint?: number;
}

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

/** What was said, along every axis whose steps are moments. */
export interface MapAlong {
  /** The spectrogram: `values` is `[frames, mels]`, row by row. */
  readonly features?: {
    readonly values: ArrayLike<number>;
    readonly frames: number;
    readonly mels: number;
    readonly secondsPerFrame: number;
  };
  /** Words or phones with their times in seconds. */
  readonly transcript?: readonly { readonly text: string; readonly start: number; readonly end: number }[];
  /** The sound, to hear the half-second around a frame; `rate` in samples per second. */
  readonly audio?: { readonly samples: Float32Array; readonly rate: number };
}

/** How numbers become colours. */
export type MapTone = Tone;

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
  /** How numbers become colours (default: the square root where few cells hold most of the weight, else linear). */
  readonly tone?: MapTone;
  /** All maps share one colour scale (default: if they come from one mixer). */
  readonly sameColours?: boolean;
  readonly along?: MapAlong;
}
