// tslab's parts, loaded so that they see TypeScript through our facade. They are internal to it: its version is pinned.
import { installFacade } from "./typescript";

installFacade();
export const { createConverter, isCompleteCode } =
  require("tslab/dist/converter.js") as typeof import("tslab/dist/converter");
export const { createExecutor } = require("tslab/dist/executor.js") as typeof import("tslab/dist/executor");
export const { printQuickInfo } = require("tslab/dist/inspect.js") as typeof import("tslab/dist/inspect");
