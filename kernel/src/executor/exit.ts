// `process.exit()` in a cell ends the cell. The process goes on, and with it the variables of all cells.
import { currentRun } from "./run";

/** Ends the process. */
export const leave: (code: number) => never = process.exit.bind(process);

/** What a cell throws that wants to end the process. */
class ProcessExit extends Error {
  override name = "ProcessExit";
  constructor(code: unknown) {
    super(
      `process.exit(${code === undefined ? "" : String(code)}) ends a cell, not the kernel: variables are kept. Restart the kernel to begin anew`,
    );
  }
}

/** From now on `process.exit` ends the cell that calls it, also if the cell catches what is thrown. */
export function installExit(): void {
  process.exit = (code) => {
    const exit = new ProcessExit(code);
    currentRun().end?.(exit);
    throw exit;
  };
}
