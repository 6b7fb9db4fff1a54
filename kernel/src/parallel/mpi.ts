// The processes that mpirun started, which may be on many machines, by Open MPI.
import { writeSync } from "node:fs";
import { hostname } from "node:os";
import { alone, type Communicator } from "./communicator";
import { type OpenMpi, openMpi } from "./openMpi";

/** `MPI_THREAD_FUNNELED`: there are other threads, but one alone calls MPI. */
const funneled = 1;
/** `MPI_IN_PLACE` of Open MPI: each process's values lie where the sums go. */
const inPlace = 1n;
/** MPI counts in 32 bits. */
const mostAtOnce = 2 ** 30;

/** Set by mpirun, and by srun where Slurm speaks PMIx. */
const startedByMpi = () => process.env.OMPI_COMM_WORLD_SIZE !== undefined || process.env.PMIX_RANK !== undefined;

let joined: Promise<Mpi> | undefined;

/**
 * The processes that mpirun has started with this one, `alone` where it has not.
 *
 * @throws Error where Open MPI's library is missing, with the command that adds it
 * @example
 * const communicator = await parallel.communicator();
 * const seen = new Float64Array([communicator.rank + 1]);
 * await communicator.sum(seen);
 * if (communicator.rank === 0) console.log(`${communicator.size} processes, sum ${seen[0]}`);
 * await communicator.close();
 */
export const communicator = async (): Promise<Communicator> => (startedByMpi() ? mpi() : alone);

/**
 * Joins the processes that mpirun has started, once; later calls give the same. From then on an error that nothing
 * catches, or an exit code other than 0, ends all processes and says which one it was.
 *
 * @throws Error where mpirun did not start this process, or Open MPI's library is missing
 */
export async function mpi(): Promise<Communicator> {
  if (!startedByMpi())
    throw new Error("Cannot join other processes: mpirun must start this one: mpirun -n 2 bestrq ...");
  joined ??= openMpi().then((library) => new Mpi(library));
  return joined;
}

class Mpi implements Communicator {
  readonly rank: number;
  readonly size: number;
  private closed = false;

  constructor(private readonly library: OpenMpi) {
    const number = new Int32Array(1);
    library.Init_thread(null, null, funneled, number);
    library.Comm_rank(library.world, number);
    this.rank = number[0];
    library.Comm_size(library.world, number);
    this.size = number[0];
    process.on("uncaughtExceptionMonitor", this.onError);
    process.on("exit", this.onExit);
  }

  async sum(values: Float32Array | Float64Array): Promise<void> {
    const { library } = this;
    const type = values instanceof Float64Array ? library.types.double : library.types.float;
    for (const part of partsOf(values)) {
      await this.done("sum", (request) =>
        library.Iallreduce(inPlace, part, part.length, type, library.plus, library.world, request),
      );
    }
  }

  async broadcast(bytes: Uint8Array, root = 0): Promise<void> {
    const { library } = this;
    for (const part of partsOf(bytes)) {
      await this.done("broadcast", (request) =>
        library.Ibcast(part, part.length, library.types.byte, root, library.world, request),
      );
    }
  }

  barrier(): Promise<void> {
    return this.done("wait for the others", (request) => this.library.Ibarrier(this.library.world, request));
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
    this.leave();
  }

  /** Starts what gives a request, and lets the event loop turn until it is fulfilled: MPI works only when asked. */
  private async done(what: string, start: (request: BigUint64Array) => void): Promise<void> {
    if (this.closed) throw new Error(`Cannot ${what}: this process has left the others`);
    const request = new BigUint64Array(1);
    const done = new Int32Array(1);
    start(request);
    for (;;) {
      this.library.Test(request, done, null);
      if (done[0]) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private leave(): void {
    this.closed = true;
    process.off("uncaughtExceptionMonitor", this.onError);
    process.off("exit", this.onExit);
    this.library.Finalize();
  }

  private readonly onError = (error: Error): never => this.abort(error.stack ?? String(error));

  private readonly onExit = (code: number): void => {
    if (code !== 0) this.abort(`its exit code is ${code}`);
    this.leave();
  };
}

function* partsOf<T extends Float32Array | Float64Array | Uint8Array>(values: T): Generator<T> {
  for (let begin = 0; begin < values.length; begin += mostAtOnce) {
    yield values.subarray(begin, begin + mostAtOnce) as T;
  }
}
