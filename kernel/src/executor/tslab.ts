// tslab's parts, loaded so that they see TypeScript through our facade. They are internal to it: its version is pinned.
import vm = require("node:vm");

import { installFacade } from "./typescript";

installFacade();

// tslab lets SIGINT break a cell, for which Node puts the listeners away until its end: for good, if it is terminated.
const { runInThisContext } = vm;
vm.runInThisContext = (code, options) =>
  runInThisContext(code, typeof options === "object" ? { ...options, breakOnSigint: false } : options);

export const { createConverter, isCompleteCode } =
  require("tslab/dist/converter.js") as typeof import("tslab/dist/converter");
export const { createExecutor } = require("tslab/dist/executor.js") as typeof import("tslab/dist/executor");
export const { printQuickInfo } = require("tslab/dist/inspect.js") as typeof import("tslab/dist/inspect");
