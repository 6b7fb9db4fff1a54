import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { KnownFile } from "./extract";

/** What a worker is begun with. */
export interface WorkerSetup {
  readonly mels: number;
  /** Which worker it is, from 0. */
  readonly thread: number;
  /** For each worker the task and the file that it began last. */
  readonly taken: Int32Array;
}

/** Files to read. */
export interface ExtractTask {
  readonly id: number;
  readonly files: readonly KnownFile[];
  /** How many of them the workers have taken; shared. */
  readonly next: Int32Array;
}

/** What a worker tells of a file: its features, or why there are none. */
export interface Extracted {
  readonly id: number;
  readonly index: number;
  readonly result: Float32Array | string;
}

/** A task that is under way. */
interface Pending {
  readonly task: ExtractTask;
  readonly results: (Float32Array | string)[];
  left: number;
  resolve(results: (Float32Array | string)[]): void;
  reject(error: Error): void;
}

/** Options of {@link FeaturePool}. */
export interface FeaturePoolOptions {
  /** Threads that read (default: one less than the machine has cores, 1 to 8). */
  readonly workers?: number;
  /** Mel filters (80). */
  readonly mels?: number;
}

/** Threads that turn recordings into features ahead of need. What they give does not depend on how many they are. */
export class FeaturePool {
  readonly mels: number;
  private readonly workers: Worker[] = [];
  private readonly pending = new Map<number, Pending>();
  private readonly taken: Int32Array;
  private ids = 0;
  private closed?: Error;

  /** @throws RangeError where an option is out of range */
  constructor({ workers = Math.min(8, Math.max(1, availableParallelism() - 1)), mels = 80 }: FeaturePoolOptions = {}) {
    for (const [name, value] of Object.entries({ workers, mels }))
      if (!Number.isInteger(value) || value < 1)
        throw new RangeError(`Cannot read features: ${name} must be a whole number from 1, got ${value}`);
    this.mels = mels;
    this.taken = sharedIntegers(2 * workers).fill(-1);
    for (let thread = 0; thread < workers; thread++) this.begin(thread);
  }

  /**
   * Features of recordings, [T, mels] row by row, in the order of the files; a text where one cannot be read: why. They
   * are begun in the order of the calls. Nothing else is read ahead.
   *
   * @throws Error where no worker can run, or the pool is closed meanwhile
   */
  extract(files: readonly KnownFile[]): Promise<(Float32Array | string)[]> {
    if (this.closed) return Promise.reject(this.closed);
    if (files.length === 0) return Promise.resolve([]);
    const task: ExtractTask = { id: this.ids++, files, next: sharedIntegers(1) };
    return new Promise((resolve, reject) => {
      const results = new Array<Float32Array | string>(files.length);
      this.pending.set(task.id, { task, results, left: files.length, resolve, reject });
      for (const worker of this.workers) {
        worker.postMessage(task);
        worker.ref();
      }
    });
  }

  /** Ends the threads. What was asked for and is not there yet is refused. */
  async close(): Promise<void> {
    this.fail(new Error("Cannot read features: the reading was closed"));
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private begin(thread: number): void {
    const workerData: WorkerSetup = { mels: this.mels, thread, taken: this.taken };
    const worker = new Worker(program, { workerData, execArgv: [], stderr: true });
    worker.stderr.resume(); // libFLAC prints there what it finds in a damaged file; the reasons come with the results
    this.workers[thread] = worker;
    let death = "it ended";
    worker.on("message", (told: Extracted) => this.take(told));
    worker.on("error", ({ message }) => {
      death = message;
    });
    worker.on("exit", () => this.replace(thread, death));
    for (const { task } of this.pending.values()) worker.postMessage(task);
    if (this.pending.size === 0) worker.unref(); // a process whose work is done ends, and the threads with it
  }

  private take({ id, index, result }: Extracted): void {
    const pending = this.pending.get(id);
    if (!pending || pending.results[index] !== undefined) return;
    pending.results[index] = result;
    if (--pending.left > 0) return;
    this.pending.delete(id);
    if (this.pending.size === 0) for (const worker of this.workers) worker.unref();
    pending.resolve(pending.results);
  }

  /** A worker has died: the file that it was reading is given up, and another worker takes its place. */
  private replace(thread: number, death: string): void {
    if (this.closed) return;
    const [id, index] = this.taken.subarray(2 * thread, 2 * thread + 2);
    if (id < 0) {
      this.fail(new Error(`Cannot read features: a thread for it could not be started: ${death}`));
      return;
    }
    this.taken.fill(-1, 2 * thread, 2 * thread + 2);
    this.take({ id, index, result: `the thread that read it died: ${death}` });
    this.begin(thread);
  }

  private fail(error: Error): void {
    this.closed ??= error;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}

/** As it was built, whether this file runs from the package's `src` or its `dist`. */
const program = join(dirname(dirname(__dirname)), "dist", "audio", "worker.js");

const sharedIntegers = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count));
