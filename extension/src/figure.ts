// What all our figures share: title, controls, plot and note; drawing when there is room; theme, size and end of life.
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import type { HoverEvent, PlotElement, Plotly } from "plotly.js-cartesian-dist-min";
import { config, currentTheme, type Theme } from "./theme";
import { Tooltip } from "./tooltip";

/** What a figure hands to plotly. */
export interface Drawing {
  readonly data: object[];
  readonly layout: object;
  /** Told to the document once it is drawn: `data-rows`, `data-points`, ... */
  readonly told: Record<string, string | number>;
}

export abstract class Figure extends Widget implements IRenderMime.IRenderer {
  protected readonly controls = document.createElement("div");
  protected readonly note = document.createElement("div");

  constructor(
    protected readonly kind: string,
    protected readonly mimeType: string,
  ) {
    super();
    this.addClass("bestrq-figure");
    this.node.dataset.kind = kind;
    this.node.setAttribute("role", "group");
    this.#title.className = "bestrq-figure-title";
    this.controls.className = "bestrq-figure-controls";
    this.note.className = "bestrq-figure-note";
    this.#observer.observe(this.node);
  }

  /** Reads the data and draws it; what cannot be read is told in its place. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    try {
      const title = await this.read(model.data[this.mimeType]);
      if (this.isDisposed) return;
      this.#title.textContent = title;
      this.node.setAttribute("aria-label", String(model.data["text/plain"] ?? title));
      if (this.#plot.parentNode !== this.node) {
        this.node.replaceChildren(this.#title, this.controls, this.#plot, this.note, this.#tooltip.node);
      }
      await this.draw();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Draws again in the colours of the theme that is on now. */
  themeChanged(): void {
    void this.draw();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#observer.disconnect();
    this.#plotly?.purge(this.#plot);
    super.dispose();
  }

  /** Takes the data in. @returns the title @throws Error saying what is wrong with the data */
  protected abstract read(data: unknown): Promise<string>;

  /** The figure at that width, or nothing yet. */
  protected abstract drawing(width: number, theme: Theme): Drawing | undefined;

  /** Lines of text about what the pointer is on. */
  protected abstract describe(point: HoverEvent["points"][number]): string[];

  /** The visible part of the plot changed. */
  protected abstract zoomed(changed: Record<string, unknown>): void;

  /** Draws what there is now; while it draws, further calls add up to one more drawing. */
  protected async draw(): Promise<void> {
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
        this.#width = width;
        const plot = await this.#plotly.react(this.#plot, drawing.data, drawing.layout, config);
        this.#listen(plot);
        for (const [name, value] of Object.entries(drawing.told)) this.node.setAttribute(`data-${name}`, String(value));
      }
    } catch (error) {
      this.#refuse(error);
    }
  }

  #listen(plot: PlotElement): void {
    if (this.#listening) return;
    this.#listening = true;
    plot.on("plotly_hover", ({ points, event }) => this.#tooltip.show(this.describe(points[0]), event));
    plot.on("plotly_unhover", () => this.#tooltip.hide());
    plot.on("plotly_relayout", (changed) => this.zoomed(changed));
  }

  #refuse(error: unknown): void {
    if (this.isDisposed) return;
    const message = document.createElement("div");
    message.className = "bestrq-figure-message";
    message.setAttribute("role", "alert");
    const reason = error instanceof Error ? error.message : String(error);
    const what = this.kind === "memory" ? "memory trace" : this.kind;
    message.textContent = `This ${what} cannot be shown: ${reason}.`;
    this.node.replaceChildren(message);
  }

  readonly #title = document.createElement("div");
  readonly #plot = document.createElement("div");
  readonly #tooltip = new Tooltip(this.node);
  readonly #observer = new ResizeObserver(() => {
    if (this.#plot.parentNode && this.node.clientWidth > 0 && this.node.clientWidth !== this.#width) void this.draw();
  });
  #plotly: Plotly | undefined;
  #drawing: Promise<void> | undefined;
  #wanted = false;
  #listening = false;
  #width = 0;
}
