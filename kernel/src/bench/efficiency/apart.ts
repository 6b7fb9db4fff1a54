// Times a point in a process of its own, and ends it before it takes the last of the machine's memory.
import { fork } from "node:child_process";
import { join } from "node:path";
import type { BackendName, BackendStatus } from "../../tensor";
import { ended } from "../apart";
import type { Point } from "./points";

/** What the process is to do. */
export interface TimedRequest {
  readonly point: Omit<Point, "planned">;
  readonly backend: BackendName;
  readonly threads: number;
  /** Timed runs, after one that is not counted. */
  readonly runs: number;
  /** Seconds after which three runs are enough. */
  readonly limit: number;
}

/** What it tells. */
export interface Timed {
  readonly engine: Pick<BackendStatus, "name" | "device" | "version" | "threads">;
  readonly first_s: number;
  readonly times_s: readonly number[];
  readonly compile_s: number;
  readonly rss_peak_bytes: number;
  readonly rss_growth_bytes: number;
  readonly device_peak_bytes?: number;
}

/** As it was built, wherever this file is run from. */
const program = join(__dirname, "../../../dist/bench/efficiency/child.js");

/** Of the memory that was there, what is left to others. */
const spared = 0.06;

/** @throws RangeError where memory would have ended; Error where the process failed */
export async function timed(request: TimedRequest): Promise<Timed> {
  const child = fork(program, [JSON.stringify(request)], {
    // CUDA's own pool is the one that tells its peak.
    env: { TF_GPU_ALLOCATOR: "cuda_malloc_async", ...process.env, BESTRQ_THREADS: String(request.threads) },
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const least = spared * process.availableMemory();
  let isOut = false;
  const guard = setInterval(() => {
    if (process.availableMemory() > least) return;
    isOut = true;
    child.kill("SIGKILL");
  }, 100);
  const told: Partial<Timed> & { error?: string } = {};
  child.on("message", (part: object) => Object.assign(told, part));
  try {
    const end = await ended(child);
    if (told.engine) return told as Timed;
    if (isOut || end.includes("SIGKILL")) throw new RangeError("the machine's memory does not hold it");
    throw new Error(told.error ?? end);
  } finally {
    clearInterval(guard);
  }
}
