// The processes that mpirun started, which may be on many machines, by Open MPI.
import { writeSync } from "node:fs";
import { hostname } from "node:os";
import { alone, type Communicator } from "./communicator";
import { type OpenMpi, openMpi } from "./openMpi";
import { shareCores } from "./threads";

/** Levels of MPI's threads: calls may come from different ones, one after the other; or at once. */
const [serialized, multiple] = [2, 3];
/** `MPI_IN_PLACE` of Open MPI: each process's values lie where the sums go. */
const inPlace = 1n;
/** MPI counts in 32 bits. */
const mostAtOnce = 2 ** 30;
/** `MPI_MAX_ERROR_STRING` of Open MPI, and more. */
const longestError = 1024;

/** Set by mpirun, and by srun where Slurm speaks PMIx. */
const startedByMpi = () => process.env.OMPI_COMM_WORLD_SIZE !== undefined || process.env.PMIX_RANK !== undefined;

let joined: Promise<Mpi> | undefined;

/**
 * The processes that mpirun has started with this one, joined once; `alone` where it has started none. From then on an
 * error that nothing catches, or an end without `close`, ends all processes and says which one it was and why.
 * Processes that share a machine's cores divide them: `BESTRQ_THREADS` is set where nothing has set it, so join before
 * anything is computed.
 *
 * @throws Error where Open MPI's library is missing, with the command that adds it; where Slurm started processes that
 *   cannot find one another
 * @example
 * const communicator = await parallel.communicator();
 * const seen = new Float64Array([communicator.rank + 1]);
 * await communicator.sum(seen);
 * if (communicator.rank === 0) console.log(`${communicator.size} processes, sum ${seen[0]}`);
 * await communicator.close();
 */
export async function communicator(): Promise<Communicator> {
  if (startedByMpi()) {
    joined ??= join();
    return joined;
  }
  const tasks = Number(process.env.SLURM_STEP_NUM_TASKS ?? 1);
  if (tasks > 1) {
    throw new Error(
      `Cannot join other processes: srun started ${tasks} of them without PMIx, and none knows of the others. ` +
        "Start them by mpirun -n, or by srun --mpi=pmix",
    );
  }
  return alone;
}

async function join(): Promise<Mpi> {
  const mpi = new Mpi(await openMpi());
  await shareCores(mpi);
  return mpi;
}

class Mpi implements Communicator {
  readonly rank: number;
  readonly size: number;
  private closed = false;
  /** MPI wants the same order of exchanges in each process, so one begins when the one before it is done. */
  private before: Promise<unknown> = Promise.resolve();

  constructor(private readonly library: OpenMpi) {
    const number = new Int32Array(1);
    this.check("begin", library.Init_thread(null, null, multiple, number));
    if (number[0] < serialized) throw new Error("Cannot use MPI: this Open MPI was built without support for threads");
    library.Comm_set_errhandler(library.world, library.errorsReturn);
    library.Comm_rank(library.world, number);
    this.rank = number[0];
    library.Comm_size(library.world, number);
    this.size = number[0];
    process.on("uncaughtExceptionMonitor", this.onError);
    process.on("exit", this.onExit);
  }

  sum(values: Float32Array | Float64Array): Promise<void> {
    const { library } = this;
    const type = values instanceof Float64Array ? library.types.double : library.types.float;
    return this.inParts("sum", values, (part) =>
      library.Allreduce(inPlace, part, part.length, type, library.plus, library.world),
    );
  }

  broadcast(bytes: Uint8Array, root = 0): Promise<void> {
    const { library } = this;
    return this.inParts("broadcast", bytes, (part) =>
      library.Bcast(part, part.length, library.types.byte, root, library.world),
    );
  }

  barrier(): Promise<void> {
    return this.inTurn("wait for the others", () => this.library.Barrier(this.library.world));
  }

  abort(reason: string): never {
    // Not console.error: what it holds back would be lost.
    writeSync(2, `bestrq: rank ${this.rank} of ${this.size} on ${hostname()} ends the run: ${reason}\n`);
    this.library.Abort(this.library.world, 1);
    throw new Error(reason);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    await this.barrier(); // MPI_Finalize waits for the others, too, but holds up the event loop
    this.closed = true;
    process.off("uncaughtExceptionMonitor", this.onError);
    process.off("exit", this.onExit);
    this.check("end", this.library.Finalize());
  }

  private async inParts<T extends Float32Array | Float64Array | Uint8Array>(
    what: string,
    values: T,
    exchange: (part: T) => Promise<number>,
  ): Promise<void> {
    const parts = Array.from({ length: Math.ceil(values.length / mostAtOnce) }, (_, index) =>
      values.subarray(index * mostAtOnce, (index + 1) * mostAtOnce),
    ) as T[];
    await Promise.all(parts.map((part) => this.inTurn(what, () => exchange(part))));
  }

  private inTurn(what: string, exchange: () => Promise<number>): Promise<void> {
    const turn = this.before.then(async () => {
      if (this.closed) throw new Error(`Cannot ${what}: this process has left the others`);
      this.check(what, await exchange());
    });
    this.before = turn.catch(() => {}); // whoever awaits it is told
    return turn;
  }

  private check(what: string, code: number): void {
    if (code === 0) return;
    const [text, length] = [new Uint8Array(longestError), new Int32Array(1)];
    this.library.Error_string(code, text, length);
    throw new Error(`Cannot ${what}: MPI says ${Buffer.from(text).toString("latin1", 0, length[0])}`);
  }

  private readonly onError = (error: unknown): never =>
    this.abort(error instanceof Error ? (error.stack ?? error.message) : String(error));

  private readonly onExit = (code: number): never =>
    this.abort(code === 0 ? "it ended without close()" : `its exit code is ${code}`);
}
