// A figure that plotly draws.
import type { HoverEvent, PlotElement, Plotly } from "plotly.js-cartesian-dist-min";
import { FigureFrame } from "./figureFrame";
import { config, currentTheme, type Theme } from "./theme";

/** What a figure hands to plotly. */
export interface Drawing {
  readonly data: object[];
  readonly layout: object;
  /** Told to the document once it is drawn: `data-rows`, `data-points`, ... */
  readonly told: Record<string, string | number>;
}

export abstract class Figure extends FigureFrame {
  override dispose(): void {
    if (this.isDisposed) return;
    this.#plotly?.purge(this.body);
    super.dispose();
  }

  /** The figure at that width, or nothing yet. */
  protected abstract drawing(width: number, theme: Theme): Drawing | undefined;

  /** Lines of text about what the pointer is on. */
  protected abstract describe(point: HoverEvent["points"][number]): string[];

  /** The visible part of the plot changed. */
  protected abstract zoomed(changed: Record<string, unknown>): void;

  /** Draws what there is now; while it draws, further calls add up to one more drawing. */
  protected override async draw(): Promise<void> {
    this.#wanted = true;
    this.#drawing ??= this.#drawAll().finally(() => {
      this.#drawing = undefined;
    });
    await this.#drawing;
  }

  async #drawAll(): Promise<void> {
    try {
      this.#plotly ??= (await import("plotly.js-cartesian-dist-min")).default;
      while (this.#wanted && !this.isDisposed) {
        this.#wanted = false;
        const width = this.node.clientWidth;
        // Not shown yet: the observer of its size calls again.
        const drawing = width > 0 ? this.drawing(width, currentTheme()) : undefined;
        if (!drawing) return;
        this.drawnWidth = width;
        const plot = await this.#plotly.react(this.body, drawing.data, drawing.layout, config);
        this.#listen(plot);
        for (const [name, value] of Object.entries(drawing.told)) this.node.setAttribute(`data-${name}`, String(value));
      }
    } catch (error) {
      this.refuse(error);
    }
  }

  #listen(plot: PlotElement): void {
    if (this.#listening) return;
    this.#listening = true;
    plot.on("plotly_hover", ({ points, event }) => this.tooltip.show(this.describe(points[0]), event));
    plot.on("plotly_unhover", () => this.tooltip.hide());
    plot.on("plotly_relayout", (changed) => this.zoomed(changed));
  }

  #plotly: Plotly | undefined;
  #drawing: Promise<void> | undefined;
  #wanted = false;
  #listening = false;
}
