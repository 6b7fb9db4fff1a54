export { runFigures } from "./convert";
export { type SaveOptions, save } from "./save";
