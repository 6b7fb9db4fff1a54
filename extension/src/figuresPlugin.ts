// Draws our MIME types wherever a notebook or console shows them.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IThemeManager } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { FigureFrame } from "./figureFrame";
import { noteFigure, twins } from "./figures";
import { type KernelOf, kernelFinder } from "./kernels";
import { LazyFigure } from "./lazyFigure";
import { audioMimeType, curvesMimeType, mapMimeTypes, memoryMimeType, tableMimeType } from "./mimeTypes";

// Before image/svg+xml, which the same outputs also hold.
const rank = 0;

export const figuresPlugin: JupyterFrontEndPlugin<void> = {
  id: "bestrq-labextension:figures",
  description: "Draws the figures of BEST-RQ and plays its recordings.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, IConsoleTracker, IThemeManager],
  activate: (
    _: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    themes: IThemeManager | null,
  ) => {
    const kernelAround = kernelFinder([notebooks, consoles].filter((tracker) => tracker !== null));
    const kernelOf: KernelOf = (node) =>
      [node, ...twins(node).map((figure) => figure.node)].map(kernelAround).find((kernel) => kernel !== undefined);
    const themed = (figure: FigureFrame) => {
      const changed = () => figure.themeChanged();
      themes?.themeChanged.connect(changed);
      figure.disposed.connect(() => themes?.themeChanged.disconnect(changed));
      return figure;
    };
    const add = (mimeType: string, load: () => Promise<IRenderMime.IRenderer>) => {
      const createRenderer = () => noteFigure(new LazyFigure(load, kernelOf));
      rendermime.addFactory({ safe: true, mimeTypes: [mimeType], createRenderer }, rank);
    };

    for (const mimeType of mapMimeTypes)
      add(mimeType, async () => themed(new (await import("./map/figure")).MapFigure(kernelOf)));
    add(memoryMimeType, async () => themed(new (await import("./memory")).MemoryFigure(kernelOf)));
    add(curvesMimeType, async () => themed(new (await import("./curves")).CurvesFigure()));
    // Drawn by JupyterLab from the Markdown beside it; here it gets the menu of a figure.
    add(tableMimeType, async () => rendermime.createRenderer("text/markdown"));
    add(audioMimeType, async () => new (await import("./audio")).AudioFigure());
  },
};
