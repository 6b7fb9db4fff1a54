// Runs a case in a process of its own and gives what it told.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { BackendName, BackendStatus } from "../tensor";
import type { Case } from "./work";

/** What a process is to measure. */
export interface Request {
  /** What to time; without it, what the engine can reach. */
  readonly task?: Case;
  readonly backend: BackendName;
  readonly threads: number;
  readonly repeat: number;
}

/** What computes there. */
type Engine = Pick<BackendStatus, "name" | "device" | "version" | "threads">;

/** What the process tells where there is no task. */
export interface Limit {
  readonly engine: Engine;
  /** Of a large matrix product. */
  readonly gflops_per_s: number;
}

/** What the process tells of a task. */
export interface Passes {
  readonly engine: Engine;
  readonly first_s: number;
  readonly times_s: readonly number[];
  readonly compile_s: number;
  readonly flops: number;
  readonly parameters: number;
  readonly peak_rss_mib: number;
  /** Of a large matrix product, right after the passes: other work on the machine changes it from minute to minute. */
  readonly gflops_per_s: number;
  /** Missing where the pass that tells it failed. */
  readonly peak_bytes?: number;
}

/** As it was built, wherever this file is run from. */
const program = join(__dirname, "../../dist/bench/child.js");

/**
 * Answers a request in a process of its own.
 *
 * @throws Error if the process failed before it had measured: its message, or what ended it
 */
export async function apart<Answer extends Limit | Passes>(request: Request): Promise<Answer> {
  const child = fork(program, [JSON.stringify(request)], {
    env: { ...process.env, BESTRQ_THREADS: String(request.threads) },
    execArgv: [],
    stdio: ["ignore", "ignore", request.task ? "pipe" : "inherit", "ipc"], // the first says which backend it fell back to
  });
  const told: Partial<Answer> & { error?: string } = {};
  child.on("message", (part: object) => Object.assign(told, part));
  const end = await ended(child);
  if (told.engine) return told as Answer;
  throw new Error(told.error ?? end);
}

/** Waits until a process has ended and says how: by which signal or code, and its last words on stderr. */
export function ended(child: ChildProcess): Promise<string> {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const by = signal === "SIGKILL" ? "SIGKILL, as where memory ends" : (signal ?? `exit code ${code}`);
      const last = words.trim().split("\n").at(-1);
      resolve(`The process ended by ${by}${last ? `: ${last}` : ""}`);
    });
  });
}
