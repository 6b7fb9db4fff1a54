// What a person is told when the executor has died.
import { readFileSync } from "node:fs";
import type { Failure } from "../executor/protocol";

/** How the executor ended. */
export interface Death {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  words: string;
  /** Whether the system has killed something for want of memory meanwhile. */
  systemOutOfMemory: boolean;
}

const ename = "ExecutorDied";
const mostCharacters = 2000;
const heapFull = /JavaScript heap out of memory/;

/** The answer to what was asked of it. */
export function deathNotice(death: Death): Failure {
  const evalue = `The process that ran the cell ended: ${reason(death)}. Its variables are gone; a fresh one takes the next cell`;
  const words = heapFull.test(death.words) ? "" : death.words.slice(-mostCharacters).trimEnd();
  return { status: "error", ename, evalue, traceback: [red(evalue), ...(words ? ["", words] : [])] };
}

/** The answer to a cell that waited for its turn in it. */
export function notRun(): Failure {
  const evalue =
    "The cell was not run, as the process that was to run it ended. Run it again, after those it depends on";
  return { status: "error", ename, evalue, traceback: [red(evalue)] };
}

/** Tells whether a failure is the executor's end. */
export function isDeath(failure: { ename: string }): boolean {
  return failure.ename === ename;
}

function reason({ code, signal, words, systemOutOfMemory }: Death): string {
  if (heapFull.test(words))
    return "JavaScript's heap was full. NODE_OPTIONS=--max-old-space-size=MEBIBYTES allows it more";
  if (signal === "SIGKILL") {
    return systemOutOfMemory
      ? "the system had no memory left and killed it"
      : "it was killed (SIGKILL), as by the system when memory runs out";
  }
  if (signal === "SIGABRT") return "it was aborted (SIGABRT), by native code or process.abort()";
  if (signal === "SIGSEGV" || signal === "SIGBUS" || signal === "SIGILL" || signal === "SIGFPE") {
    return `it crashed in native code (${signal})`;
  }
  if (signal) return `it was ended by ${signal}`;
  return code === null ? "it could not be started" : `code ${code}`;
}

function red(evalue: string): string {
  return `\u001b[31m${ename}\u001b[39m: ${evalue}`;
}

/** How many processes the system has killed for want of memory since it started; 0 where it does not say. */
export function outOfMemoryKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
