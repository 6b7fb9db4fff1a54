// Stands in an output for a figure whose code is fetched when there is something to draw.
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { Kernel } from "@jupyterlab/services";
import { PanelLayout, Widget } from "@lumino/widgets";
import type { KernelOf } from "./kernels";
import { trans } from "./translation";

export class LazyFigure extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly load: () => Promise<IRenderMime.IRenderer>,
    private readonly kernelOf: KernelOf,
  ) {
    super();
    this.addClass("bestrq-lazyFigure");
    this.layout = new PanelLayout();
  }

  /** What the output holds, by MIME type. */
  get data(): Readonly<Record<string, unknown>> {
    return this.#data;
  }

  /** The kernel of the notebook or console that it is in. */
  get kernel(): Kernel.IKernelConnection | undefined {
    return this.kernelOf(this.node);
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
  #loading: Promise<IRenderMime.IRenderer> | undefined;
  #figure: IRenderMime.IRenderer | undefined;
}
