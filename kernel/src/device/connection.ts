// The computing thread's end: it finds the thread that samples, the kernel's or one of its own, and asks it.
import { dirname, join } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { onGauge } from "./gauges";
import type { Answer, Moment, Recorded, Request } from "./serve";

/** What this room asks of the kernel it runs in, if any. */
interface Host {
  /** Connects with the thread that samples. */
  samplerPort?(): MessagePort;
  /** Aborted when the cell that runs is interrupted. */
  readonly signal?: AbortSignal;
}

const host = (globalThis as { [key: symbol]: Host | undefined })[Symbol.for("Jupyter.host")];

let connection: Connection | undefined;

/** The connection of this thread, opened on first use. */
export function connect(): Connection {
  connection ??= new Connection(host?.samplerPort?.() ?? ownThread());
  return connection;
}

// A kernel shows gauges to whoever watches, asked or not; elsewhere only a recording needs them.
if (host?.samplerPort) onGauge(() => connect());

export class Connection {
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #ids = 0;

  constructor(private readonly port: MessagePort) {
    port.on("message", (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
      this.#hold();
    });
    this.#hold();
    onGauge((gauge) => this.#tell({ op: "gauge", gauge }));
  }

  /** Samples everything once. */
  once(): Promise<Moment> {
    return this.#ask({ op: "once", id: ++this.#ids }) as Promise<Moment & Answer>;
  }

  /**
   * Samples everything once while this thread stands still: for a word before a computation that cannot be awaited.
   *
   * @param patienceMs how long at most
   * @returns undefined where no answer came in time
   */
  now(patienceMs = 1000): Moment | undefined {
    const { port1: here, port2: to } = new MessageChannel();
    const done = new Int32Array(new SharedArrayBuffer(4));
    this.port.postMessage({ op: "now", to, done } satisfies Request, [to]);
    Atomics.wait(done, 0, 0, patienceMs);
    const told = receiveMessageOnPort(here)?.message as Moment | undefined;
    here.close();
    return told;
  }

  /**
   * Begins a recording, and gives the function that ends it.
   *
   * @param ofCell whether it ends with the cell that runs, should that be interrupted: nobody would ask for it
   */
  async record(intervalMs: number, ofCell: boolean): Promise<() => Promise<Recorded>> {
    const id = ++this.#ids;
    const drop = () => this.#tell({ op: "end", id });
    if (ofCell) host?.signal?.addEventListener("abort", drop, { once: true });
    await this.#ask({ op: "begin", id, intervalMs }).catch((interrupted) => {
      drop();
      throw interrupted;
    });
    return () => this.#ask({ op: "end", id }) as Promise<Recorded & Answer>;
  }

  /** An answer that comes when the cell that waited for it is over sets nothing going any more. */
  #ask(request: Request & { id: number }): Promise<Answer> {
    const signal = host?.signal;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, (answer) => (signal?.aborted ? reject(signal.reason) : resolve(answer)));
      this.#hold();
      this.#tell(request);
    });
  }

  #tell(request: Request): void {
    this.port.postMessage(request);
  }

  /** The process may end when no answer is waited for. */
  #hold(): void {
    if (this.#waiting.size > 0) this.port.ref();
    else this.port.unref();
  }
}

function ownThread(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const options = { workerData: { port: port2 }, transferList: [port2], execArgv: [] };
  const worker = new Worker(join(builtFolder(), "worker.js"), options);
  worker.on("error", ({ message }) => process.emitWarning(`memory is not sampled any more: ${message}`));
  worker.unref();
  return port1;
}

/** This folder as built, whether this file runs from the package's `src` or its `dist`. */
function builtFolder(): string {
  return join(dirname(dirname(__dirname)), "dist", "device");
}
