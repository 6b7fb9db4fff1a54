import {
  curves,
  type Displayable,
  type Drawable,
  displaySymbol,
  type Figure,
  heatmap,
  type MapAlong,
  type MapAxis,
  type MapPlace,
} from "../figures";

/** One matrix of a map. */
export interface Panel {
  readonly name: string;
  /** Where in which model it comes from, where there is a choice. */
  readonly at?: MapPlace;
  readonly shape: readonly [rows: number, columns: number];
  /** Row by row. A large matrix is made when it is asked for and kept by nobody, so ask once. */
  values(): Promise<Float32Array>;
}

/** What a {@link FrameMap} is made of. */
export interface FrameMapFields {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Seconds of speech that a frame stands for. */
  readonly frameSeconds: number;
  /** What a cell's number is. */
  readonly colourLabel: string;
  /** The columns (default: input frames). */
  readonly x?: MapAxis;
  /** The rows (default: output frames). */
  readonly y?: MapAxis;
  /** Values may be negative. */
  readonly diverging?: boolean;
  /** Spectrogram, words and sound of the utterance. */
  readonly along?: MapAlong;
}

/**
 * Matrices over the frames of one utterance: row i = output frame, column j = input frame, unless the axes say otherwise.
 * It holds plain arrays, no tensors, so there is nothing to dispose; what it shows is the model as it was when mapped.
 */
export class FrameMap implements Displayable, Drawable {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly frameSeconds: number;
  readonly colourLabel: string;
  readonly x: MapAxis;
  readonly y: MapAxis;
  readonly diverging?: boolean;
  readonly along?: MapAlong;

  constructor(fields: FrameMapFields) {
    const frames = { unit: "frame", scale: fields.frameSeconds };
    this.title = fields.title;
    this.panels = fields.panels;
    this.frameSeconds = fields.frameSeconds;
    this.colourLabel = fields.colourLabel;
    this.x = fields.x ?? { label: "input", ...frames };
    this.y = fields.y ?? { label: "output", ...frames };
    this.diverging = fields.diverging;
    this.along = fields.along;
  }

  figure(): Figure {
    return heatmap(this);
  }

  [displaySymbol]() {
    return this.figure()[displaySymbol]();
  }
}

/** Numbers that a mixer has for each frame, such as a weight or a step size. */
export interface FrameQuantity {
  /** What it is. */
  readonly label: string;
  /** One number a frame, for each head or direction. */
  readonly series: readonly { readonly name: string; readonly values: Float32Array }[];
  /** What it would be if all frames were alike. */
  readonly alike?: number;
}

/** What a mixer says of each frame, over time: a figure with one plot a quantity. */
export class FrameCurves implements Displayable, Drawable {
  constructor(
    readonly title: string,
    readonly quantities: readonly FrameQuantity[],
    readonly frameSeconds: number,
  ) {}

  figure(): Figure {
    return curves({
      title: this.title,
      x: { label: "time (s)" },
      facets: this.quantities.map(({ label, series, alike }) => ({
        y: { label },
        series: series.map(({ name, values }) => ({
          name,
          x: Float64Array.from(values, (_, frame) => frame * this.frameSeconds),
          y: values,
        })),
        references: alike === undefined ? [] : [{ name: "all frames alike", y: alike }],
      })),
    });
  }

  [displaySymbol]() {
    return this.figure()[displaySymbol]();
  }
}
