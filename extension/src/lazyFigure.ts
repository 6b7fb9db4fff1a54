// Stands in an output for a figure until it comes near what is seen of the page; then its code is fetched, once for all
// figures, and its data read. A notebook with many figures opens as fast as one with few.
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { Kernel } from "@jupyterlab/services";
import { PanelLayout, Widget } from "@lumino/widgets";
import type { KernelOf } from "./kernels";
import { watchSight } from "./sight";
import { trans } from "./translation";

export class LazyFigure extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly load: () => Promise<IRenderMime.IRenderer>,
    private readonly kernelOf: KernelOf,
  ) {
    super();
    this.addClass("bestrq-lazyFigure");
    this.layout = new PanelLayout();
    this.#unwatch = watchSight(this.node, (near) => {
      this.#near = near;
      void this.#show();
    });
  }

  override dispose(): void {
    this.#unwatch();
    super.dispose();
  }

  /** The output that it shows. */
  get model(): IRenderMime.IMimeModel | undefined {
    return this.#model;
  }

  /** What the output holds, by MIME type. */
  get data(): Readonly<Record<string, unknown>> {
    return this.#model?.data ?? {};
  }

  /** The kernel of the notebook or console that it is in. */
  get kernel(): Kernel.IKernelConnection | undefined {
    return this.kernelOf(this.node);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#model = model;
    this.#waiting = true;
    if (this.#near) return this.#show();
    if (!this.#figure) this.#takePlace();
  }

  async #show(): Promise<void> {
    const model = this.#model;
    if (!model || !this.#waiting || !this.#near) return;
    this.#waiting = false;
    try {
      this.#loading ??= this.load();
      this.#figure = await this.#loading;
    } catch (error) {
      this.#loading = undefined; // another try with the next drawing
      this.#say(trans.__("This figure cannot be shown: its code could not be fetched (%1).", error), "alert");
      return;
    }
    if (this.isDisposed) {
      this.#figure.dispose();
      return;
    }
    if (this.#figure.parent !== this) {
      this.#say("");
      (this.layout as PanelLayout).addWidget(this.#figure);
    }
    await this.#figure.renderModel(model);
    this.node.style.minHeight = "";
  }

  /** Holds about as much room as the figure will, with its title. */
  #takePlace(): void {
    const lines = text(this.data["text/plain"]).split("\n");
    const picture = text(this.data["image/svg+xml"]).slice(0, 1000);
    const height = Number(/viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(picture)?.[1] ?? lines.length * lineHeight);
    this.#say(lines[0]);
    this.node.style.minHeight = `${Math.min(mostHeight, height)}px`;
  }

  #say(words: string, role?: string): void {
    this.node.textContent = words;
    if (role) this.node.setAttribute("role", role);
    else this.node.removeAttribute("role");
  }

  readonly #unwatch: () => void;
  #near = false;
  #model: IRenderMime.IMimeModel | undefined;
  /** Whether what the output holds now is still to be shown. */
  #waiting = false;
  #loading: Promise<IRenderMime.IRenderer> | undefined;
  #figure: IRenderMime.IRenderer | undefined;
}

const lineHeight = 24;
const mostHeight = 2000;

// Notebooks may store long text as a list of lines.
const text = (held: unknown): string => (Array.isArray(held) ? held.join("") : String(held ?? ""));
