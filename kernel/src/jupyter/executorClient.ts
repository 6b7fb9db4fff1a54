// The front's view of the executor process: start it, ask it, interrupt it, and notice when it dies.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";
import { deserialize, serialize } from "node:v8";
import { frame, unframe } from "../executor/frames";
import type {
  Answer,
  CommMessage,
  FromExecutor,
  FromSampler,
  Header,
  Publication,
  Question,
  Request,
  StreamName,
  ToExecutor,
} from "../executor/protocol";
import { reader } from "./channel";
import { type Death, deathNotice, outOfMemoryKills } from "./death";
import { heapOptions } from "./heap";
import { pass } from "./log";

/** The executor's file descriptors beside stdin, stdout and stderr, as executor/protocol.ts has them. */
const [control, channel, input] = [3, 4, 5];
const farewell = 300; // milliseconds
const lastWords = 10_000; // characters

export interface Listener {
  /** Something to show, in the order of its making. */
  onPublication(publication: Publication): void;
  /** Text for a stream, in the same order. */
  onText(text: string, stream: StreamName): void;
  /** A cell asks for input, and waits for it. */
  onQuestion(question: Question): void;
  /** What was written past JavaScript to the executor's stdout, as by a program that a cell starts. */
  onRawOutput(text: string): void;
  /** What the executor's memory is, as {@link ExecutorClient.sample} has asked. */
  onSample(message: FromSampler): void;
  /** What to wait for before more is brought, if that is too much already: the cell that floods then waits, too. */
  congestion(): Promise<void> | undefined;
  /** The executor is gone, and all that it knew; another one is on its way. */
  onDeath(): void;
}

/** Node ends a process in which a timer's callback was terminated, as its account of asynchronous calls no longer adds up. */
const survivesTermination = "--no-force-async-hooks-checks";

interface Executor {
  process: ChildProcess;
  pending: Map<number, (content: object) => void>;
  ready: boolean;
  /** What the text that comes belongs to. */
  stream?: StreamName;
  /** Set while an interrupt is on its way: a cell that has to wait for the front ends would not come to its end. */
  hurried: boolean;
  /** The pipes that are not read for a while. */
  held: Set<Readable>;
}

export class ExecutorClient {
  private executor: Executor | undefined;
  private requests = 0;
  private intervalMs = 0;
  private closing = false;

  constructor(private readonly listener: Listener) {
    this.executor = this.start();
  }

  /** Asks the executor; should it die over the request, the answer says so. */
  call(request: Request, parent: Header): Promise<object> {
    this.executor ??= this.start();
    const { pending } = this.executor;
    const id = ++this.requests;
    return new Promise((resolve) => {
      pending.set(id, resolve);
      this.tell({ ...request, id, parent }); // should it be gone, `end` answers
    });
  }

  /** Passes a comm message on, at once. */
  comm(message: CommMessage, parent: Header): void {
    this.executor ??= this.start();
    this.tell({ ...message, parent });
  }

  /** Samples the memory of this executor, and of those that follow it, every `intervalMs`; 0 stops that. */
  sample(intervalMs: number): void {
    if (intervalMs === this.intervalMs) return;
    this.intervalMs = intervalMs;
    if (this.executor) this.tell({ op: "sample", intervalMs });
  }

  /** What came of a question: nothing, if there is no value. */
  answer({ id }: Question, value?: string): void {
    const answer: Answer = { id, value };
    (this.executor?.process.stdio[input] as Writable | undefined)?.write(`${JSON.stringify(answer)}\n`);
  }

  /** Stops the running cells, if there are any. */
  interrupt(): void {
    if (!this.executor || this.executor.pending.size === 0) return;
    this.executor.hurried = true;
    for (const pipe of this.executor.held) pipe.resume();
    this.tell({ op: "interrupt" });
  }

  /** Ends the executor and all that it started: in good order if it is idle, else at once. */
  async close(): Promise<void> {
    this.closing = true;
    if (!this.executor) return;
    const { process: child, pending, ready } = this.executor;
    const exit = once(child, "exit");
    if (pending.size === 0 && ready) {
      (child.stdio[control] as Writable).end();
      await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, farewell))]);
    }
    killGroup(child);
    if (child.exitCode === null && child.signalCode === null) await exit;
  }

  private tell(message: ToExecutor, { process } = this.executor!): void {
    (process.stdio[control] as Writable).write(frame(serialize(message)));
  }

  private start(): Executor {
    const program = [...heapOptions(), survivesTermination, join(__dirname, "../executor/main.js")];
    const child = spawn(process.execPath, program, {
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
      detached: true, // or Jupyter's signals to the front's process group would end it
    });
    const executor: Executor = { process: child, pending: new Map(), ready: false, hurried: false, held: new Set() };
    let words = "";
    const kills = outOfMemoryKills();
    this.take(executor, child.stdout!.setEncoding("utf8"), (text: string) => this.listener.onRawOutput(text));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      pass(text); // native libraries' log, and Node's warnings: for the server's log, not for cells
      words = (words + text).slice(-lastWords);
    });
    for (const pipe of [control, input]) (child.stdio[pipe] as Writable).on("error", () => {});
    const watchdog = child.stdio[control] as Duplex;
    watchdog.on(
      "data",
      unframe((body) => this.listener.onSample(deserialize(body) as FromSampler)),
    );
    if (this.intervalMs > 0) this.tell({ op: "sample", intervalMs: this.intervalMs }, executor);
    const messages = child.stdio[channel] as Readable;
    const read = reader(
      (message) => this.receive(executor, message),
      (text) => this.listener.onText(text, executor.stream!),
    );
    this.take(executor, messages, read);
    // All that it had to say has arrived when both are over.
    const ends = [once(child, "exit"), once(messages, "close")] as const;
    const end = (code: number | null, signal: NodeJS.Signals | null) =>
      this.end(executor, { code, signal, words, systemOutOfMemory: outOfMemoryKills() > kills });
    Promise.all(ends).then(
      ([[code, signal]]) => end(code, signal),
      (error) => {
        words = String(error); // it could not be started
        end(null, null);
      },
    );
    return executor;
  }

  /** Reads as fast as the front ends take what comes of it. */
  private take<Chunk>(executor: Executor, from: Readable, onChunk: (chunk: Chunk) => void): void {
    from.on("data", (chunk: Chunk) => {
      onChunk(chunk);
      const relief = this.listener.congestion();
      if (!relief || executor.hurried) return;
      from.pause();
      executor.held.add(from);
      relief.then(() => {
        executor.held.delete(from);
        from.resume();
      });
    });
  }

  private receive(executor: Executor, message: FromExecutor): void {
    if (message.kind === "ready") executor.ready = true;
    if (message.kind === "stream") executor.stream = message;
    if (message.kind === "publish") this.listener.onPublication(message);
    if (message.kind === "question") this.listener.onQuestion(message);
    if (message.kind !== "reply") return;
    executor.hurried = false;
    executor.pending.get(message.id)?.(message.content);
    executor.pending.delete(message.id);
  }

  private end(executor: Executor, death: Death): void {
    if (this.closing) return;
    killGroup(executor.process); // what cells had started
    // One that dies before it is ready would die again: it is started anew only when something is asked of it.
    this.executor = executor.ready ? this.start() : undefined;
    this.listener.onDeath();
    for (const resolve of executor.pending.values()) resolve(deathNotice(death));
  }
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // nobody left in it
  }
}
