// Runs a case in a process of its own and gives what it told.
import { fork } from "node:child_process";
import { join } from "node:path";
import type { BackendName, BackendStatus } from "../tensor";
import type { Case } from "./work";

export interface Request {
  /** What to time; without it, the machine's limit is measured. */
  readonly task?: Case;
  readonly backend: BackendName;
  readonly threads: number;
  readonly repeat: number;
}

/** What the process tells of it. */
export interface Answer {
  readonly engine: BackendStatus;
  /** Of a large matrix product, where there was no task. */
  readonly gflops_per_s: number;
  readonly first_s: number;
  readonly times_s: readonly number[];
  readonly flops: number;
  readonly parameters: number;
  readonly peak_rss_mib: number;
  readonly peak_bytes: number;
}

/** As it was built, wherever this file is run from. */
const program = join(__dirname, "../../dist/bench/child.js");

/**
 * Answers a request in a process of its own. What is missing of the answer was not reached.
 *
 * @throws Error if the process failed before it had anything to tell: its message, or what ended it
 */
export function apart(request: Request): Promise<Partial<Answer>> {
  const child = fork(program, [JSON.stringify(request)], {
    env: { ...process.env, BESTRQ_THREADS: String(request.threads) },
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let told: Partial<Answer> & { error?: string } = {};
  child.on("message", (part: object) => {
    told = { ...told, ...part };
  });
  return outcome(child, () => {
    const { error, ...answer } = told;
    if (answer.engine) return answer;
    throw error === undefined ? undefined : new Error(error);
  });
}

/**
 * Waits for a process to end and gives what it told by then.
 *
 * @param told gives it, or throws: what went wrong if it knows, else nothing
 */
export function outcome<R>(child: ReturnType<typeof fork>, told: () => R): Promise<R> {
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      try {
        resolve(told());
      } catch (error) {
        const last = complaint.trim().split("\n").at(-1);
        const end = signal === "SIGKILL" ? "SIGKILL, as where memory ends" : (signal ?? `exit code ${code}`);
        reject(error ?? new Error(`The process ended by ${end}${last ? `: ${last}` : ""}`));
      }
    });
  });
}
