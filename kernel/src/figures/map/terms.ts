// What maps are over, where they come from and what was said along them. Also used by the extension.

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
