// Stands in an output for a figure whose code is fetched when there is something to draw.
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { PanelLayout, Widget } from "@lumino/widgets";
import { trans } from "./translation";

/** A figure, and what it may add to saving the formats of its output. */
export type SavedFigure = IRenderMime.IRenderer & {
  /** The formats that {@link exportFigure} knows, such as `pdf`. */
  readonly exportKinds?: readonly string[];
  /** The figure as a file of that kind. */
  exportFigure?(kind: string): Promise<Blob>;
};

export class LazyFigure extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly load: () => Promise<SavedFigure>) {
    super();
    this.addClass("bestrq-lazyFigure");
    this.layout = new PanelLayout();
  }

  /** What the output holds, by MIME type. */
  get data(): Readonly<Record<string, unknown>> {
    return this.#data;
  }

  /** The figure itself, once it is there. */
  get figure(): SavedFigure | undefined {
    return this.#figure;
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#data = model.data;
    try {
      this.#loading ??= this.load();
      this.#figure = await this.#loading;
    } catch (error) {
      this.#loading = undefined; // another try with the next drawing
      this.node.setAttribute("role", "alert");
      this.node.textContent = trans.__("This figure cannot be shown: its code could not be fetched (%1).", error);
      return;
    }
    if (this.isDisposed) {
      this.#figure.dispose();
      return;
    }
    if (this.#figure.parent !== this) {
      this.node.removeAttribute("role");
      this.node.textContent = "";
      (this.layout as PanelLayout).addWidget(this.#figure);
    }
    await this.#figure.renderModel(model);
  }

  #data: Readonly<Record<string, unknown>> = {};
  #loading: Promise<SavedFigure> | undefined;
  #figure: SavedFigure | undefined;
}
