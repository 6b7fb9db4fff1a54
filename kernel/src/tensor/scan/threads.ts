// Threads that help with scans. They are begun when the first large scan asks for them, and stay.
import { Worker } from "node:worker_threads";
import { builtFile, type Shared } from "./module";

let helpers = 0;

/** Has at least so many helping threads, and tells how many there are. They join in as soon as they are awake. */
export function haveHelpers(shared: Shared, wanted: number): number {
  while (helpers < wanted) {
    const thread = ++helpers;
    const worker = new Worker(builtFile("worker.js"), { workerData: { shared, thread }, execArgv: [] });
    worker.on("error", ({ message }) =>
      process.emitWarning(`the selective scan computes on fewer threads: ${message}`),
    );
    worker.unref(); // a process whose work is done ends, and they with it
  }
  return helpers;
}
