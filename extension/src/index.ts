// The JupyterLab plugins. All that is fetched when JupyterLab starts is what these files import directly:
// figures, the memory panel, plotly.js and Arrow come when they are first used.
import { commandsPlugin } from "./commands";
import { figuresPlugin } from "./figuresPlugin";
import { panelPlugin } from "./panel/plugin";

export default [commandsPlugin, figuresPlugin, panelPlugin];
