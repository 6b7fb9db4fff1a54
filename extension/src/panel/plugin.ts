// The memory panel's place in JupyterLab: a tab in the side bar, opened from the palette and the launcher too.
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, ISessionContextDialogs, IThemeManager } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IStateDB } from "@jupyterlab/statedb";
import { ITranslator } from "@jupyterlab/translation";
import { CommandIds, category } from "../commandIds";
import { memoryIcon } from "../icons";
import { speak, trans } from "../translation";
import { MemoryPanel } from "./panel";

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: "bestrq-labextension:memory-panel",
  description: "Shows the memory of the kernel in use while its cells run.",
  autoStart: true,
  optional: [
    ITranslator,
    INotebookTracker,
    IConsoleTracker,
    IThemeManager,
    ISessionContextDialogs,
    IStateDB,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
  ],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    themes: IThemeManager | null,
    dialogs: ISessionContextDialogs | null,
    state: IStateDB | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
  ) => {
    speak(translator);
    const trackers = [notebooks, consoles].filter((tracker) => tracker !== null);
    const panel = new MemoryPanel(async () => {
      const { memoryView } = await import("./view");
      return memoryView({ shell: app.shell, commands: app.commands, trackers, themes, dialogs, state });
    });
    app.shell.add(panel, "right", { rank: 900, type: trans.__("Memory") });
    restorer?.add(panel, panel.id);

    const command = CommandIds.openMemoryPanel;
    app.commands.addCommand(command, {
      label: ({ isPalette }) => (isPalette ? trans.__("Open the Memory Panel") : trans.__("Memory panel")),
      caption: trans.__("Memory of the kernel in use, while its cells run"),
      icon: memoryIcon,
      execute: () => app.shell.activateById(panel.id),
    });
    palette?.addItem({ command, category: category(), args: { isPalette: true } });
    launcher?.add({ command, category: category(), rank: 2 });
  },
};
