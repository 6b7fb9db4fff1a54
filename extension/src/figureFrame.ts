// What all our figures share: title, controls, body and note; drawing when there is room; theme, size and end of life.
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import { Tooltip } from "./tooltip";
import { trans } from "./translation";

type Kind = "map" | "memory" | "curves";

const refusals: Record<Kind, (reason: string) => string> = {
  map: (reason) => trans.__("This map cannot be shown: %1.", reason),
  memory: (reason) => trans.__("This memory trace cannot be shown: %1.", reason),
  curves: (reason) => trans.__("These curves cannot be shown: %1.", reason),
};

export abstract class FigureFrame extends Widget implements IRenderMime.IRenderer {
  protected readonly controls = document.createElement("div");
  protected readonly body = document.createElement("div");
  protected readonly note = document.createElement("div");
  protected readonly tooltip = new Tooltip(this.node);

  constructor(
    private readonly kind: Kind,
    private readonly mimeTypes: readonly string[],
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
      const mimeType = this.mimeTypes.find((type) => type in model.data) ?? this.mimeTypes[0];
      const title = await this.read(model.data[mimeType], mimeType);
      if (this.isDisposed) return;
      this.#title.textContent = title;
      this.node.setAttribute("aria-label", String(model.data["text/plain"] ?? title));
      if (this.body.parentNode !== this.node) {
        this.node.replaceChildren(this.#title, this.controls, this.body, this.note, this.tooltip.node);
      }
      await this.draw();
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Draws again in the colours of the theme that is on now. */
  themeChanged(): void {
    void this.draw();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#observer.disconnect();
    super.dispose();
  }

  /** Takes the data in. @returns the title @throws Error saying what is wrong with the data */
  protected abstract read(data: unknown, mimeType: string): Promise<string>;

  /** Draws what there is now, as wide as there is room. */
  protected abstract draw(): Promise<void>;

  /** The width that was last drawn for. */
  protected drawnWidth = 0;

  /** Tells what is wrong instead of the figure. */
  protected refuse(error: unknown): void {
    if (this.isDisposed) return;
    const message = document.createElement("div");
    message.className = "bestrq-figure-message";
    message.setAttribute("role", "alert");
    const reason = error instanceof Error ? error.message : String(error);
    message.textContent = refusals[this.kind](reason);
    this.node.replaceChildren(message);
  }

  readonly #title = document.createElement("div");
  readonly #observer = new ResizeObserver(() => {
    const width = this.node.clientWidth;
    if (this.body.parentNode && width > 0 && width !== this.drawnWidth) void this.draw();
  });
}
