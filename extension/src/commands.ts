// Our commands, in the palette and the launcher, and our settings.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification } from "@jupyterlab/apputils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { ITranslator } from "@jupyterlab/translation";
import { CommandIds, category } from "./commandIds";
import { meantFigure } from "./figures";
import { experimentIcon } from "./icons";
import { followSettings, pluginId, settings } from "./settings";
import { speak, trans } from "./translation";

export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: pluginId,
  description: "Commands and settings of BEST-RQ Lab.",
  autoStart: true,
  optional: [ITranslator, ISettingRegistry, IDefaultFileBrowser, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    registry: ISettingRegistry | null,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
  ) => {
    speak(translator);
    if (registry) followSettings(registry).catch((error) => console.warn("BEST-RQ: no settings:", error));

    /** What cannot be done is told. */
    const told = (body: () => Promise<unknown>, failed: (reason: string) => string) => () =>
      body().catch((error: Error) => void Notification.error(failed(error.message), { autoClose: 8000 }));

    app.commands.addCommand(CommandIds.newExperiment, {
      label: ({ isPalette }) => (isPalette ? trans.__("New Experiment Notebook") : trans.__("New experiment")),
      caption: trans.__("A small notebook for a first experiment: speech, a model, its map, its memory"),
      icon: ({ isPalette }) => (isPalette ? undefined : experimentIcon),
      execute: ({ cwd }) =>
        told(
          async () => {
            const { newExperiment } = await import("./newExperiment");
            const folder = typeof cwd === "string" ? cwd : (browser?.model.path ?? "");
            const path = await newExperiment(app.serviceManager.contents, folder);
            return app.commands.execute("docmanager:open", { path, factory: "Notebook" });
          },
          (reason) => trans.__("The experiment could not be made: %1", reason),
        )(),
    });
    app.commands.addCommand(CommandIds.exportFigure, {
      label: trans.__("Export Figure…"),
      caption: trans.__("Save the figure that has the focus, else the one used last"),
      execute: ({ kind }) =>
        told(
          () => chooseAndExport(typeof kind === "string" ? kind : undefined),
          (reason) => trans.__("The figure could not be saved: %1", reason),
        )(),
    });
    palette?.addItem({ command: CommandIds.newExperiment, category: category(), args: { isPalette: true } });
    palette?.addItem({ command: CommandIds.exportFigure, category: category() });
    app.contextMenu.addItem({ command: CommandIds.exportFigure, selector: ".bestrq-lazyFigure", rank: 0 });
    launcher?.add({ command: CommandIds.newExperiment, category: category(), rank: 1 });
  },
};

async function chooseAndExport(wanted: string | undefined): Promise<void> {
  const figure = meantFigure();
  if (!figure) throw new Error(trans.__("there is none in view; scroll to one, or click on it, and try again"));
  const { exportFigure, kinds } = await import("./exporting");
  const { askHow } = await import("./exportDialog");
  const known = kinds(figure);
  if (known.length === 0) throw new Error(trans.__("it holds no format that can be saved"));
  const { paperWidth: widthMm, paperDpi: dpi } = settings();
  const how = wanted ? { kind: wanted, widthMm, dpi } : await askHow(known);
  if (how) await exportFigure(figure, how.kind, how);
}
