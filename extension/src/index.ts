// The JupyterLab plugin: draws our MIME types wherever a notebook or console shows them.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IThemeManager } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { AudioFigure, audioMimeType } from "./audio";
import type { Figure } from "./figure";
import { kernelFinder } from "./kernels";
import { MapFigure, mapMimeType } from "./map";
import { MemoryFigure, memoryMimeType } from "./memory";

// Before image/svg+xml, which the same outputs also hold.
const rank = 0;

const plugin: JupyterFrontEndPlugin<void> = {
  id: "bestrq-labextension:figures",
  description: "Draws the mixer maps and memory traces of BEST-RQ and plays its recordings.",
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
    const kernelOf = kernelFinder([notebooks, consoles].filter((tracker) => tracker !== null));
    const themed = (figure: Figure) => {
      const changed = () => figure.themeChanged();
      themes?.themeChanged.connect(changed);
      figure.disposed.connect(() => themes?.themeChanged.disconnect(changed));
      return figure;
    };
    const add = (mimeType: string, createRenderer: () => IRenderMime.IRenderer) =>
      rendermime.addFactory({ safe: true, mimeTypes: [mimeType], createRenderer }, rank);

    add(mapMimeType, () => themed(new MapFigure()));
    add(memoryMimeType, () => themed(new MemoryFigure(kernelOf)));
    add(audioMimeType, () => new AudioFigure());
  },
};

export default plugin;
