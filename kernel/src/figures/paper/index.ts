export { runFigures } from "./convert";
export { open } from "./open";
export { type SaveOptions, save } from "./save";
export { serveExports } from "./serve";
