// The front process: it takes messages, answers them, and leaves the running of cells to the executor.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Header as ParentHeader, Publication } from "../executor/protocol";
import { Comms } from "./comms";
import { type Connection, readConnection } from "./connection";
import { DeviceTarget, deviceTarget } from "./deviceTarget";
import { aborted, abortedByDeath } from "./execute";
import { ExecutorClient } from "./executorClient";
import { controlHandlers, type Handler, shellHandlers } from "./handlers";
import { History } from "./history";
import { Input } from "./input";
import { userDataDirectory } from "./kernelspec";
import { Language } from "./language";
import { log } from "./log";
import { type Content, type Message, protocolVersion } from "./messages";
import { bindSockets, type Sockets } from "./sockets";
import { Streams } from "./streams";
import { Subshells } from "./subshells";
import { decode, encode, Signatures } from "./wire";

/** The longest topic that a subscriber is welcomed to (bytes). */
const mostTopic = 1000;

export class Kernel {
  executionCount = 0;
  /** How many cells run: one in each subshell at most. */
  running = 0;
  /** Set by a shutdown request: the process ends once that has been answered. */
  stopping = false;
  readonly history = new History(process.env.BESTRQ_HISTORY ?? join(userDataDirectory(), "bestrq/history"));
  readonly comms = new Comms();
  readonly subshells = new Subshells();
  readonly streams = new Streams((type, content, parent) => this.publish(type, content, parent));
  readonly executor = new ExecutorClient({
    onPublication: (publication) => this.relay(publication),
    onText: (text, { name, parent }) => this.streams.write(name, text, parent),
    onQuestion: (question) => {
      this.streams.flush();
      this.input.ask(question);
    },
    onSample: (message) => this.device.take(message),
    onRawOutput: (text) => this.streams.write("stdout", text, this.lastParent),
    congestion: () => this.sockets.congestion(),
    onDeath: () => this.forgetExecutor(),
  });
  readonly device = new DeviceTarget({
    send: (type, content, parent, buffers) => this.publish(type, content as Content, parent, {}, buffers),
    sample: (intervalMs) => this.executor.sample(intervalMs),
    isCongested: () => this.sockets.congestion() !== undefined,
  });
  readonly language = new Language(this.executor);
  readonly input = new Input(
    (identities, content, parent) => this.send("stdin", identities, "input_request", content, parent),
    (question, value) => this.executor.answer(question, value),
  );
  private readonly session = randomUUID();
  private readonly signatures = new Signatures();
  private lastParent: ParentHeader = {};
  /** Whether anyone has heard of the kernel yet: until then there is nobody to tell that it is starting. */
  private begun = false;

  constructor(
    private readonly sockets: Sockets,
    private readonly key: string,
  ) {}

  /** Answers all that comes, until a shutdown. */
  serve(): void {
    this.sockets.listen("shell", (frames) => this.receive("shell", frames));
    this.sockets.listen("control", (frames) => this.receive("control", frames));
    this.sockets.listen("stdin", (frames) => this.receive("stdin", frames));
    this.sockets.listen("iopub", ([frame]) => this.welcome(frame!));
  }

  /** Publishes on iopub, in answer to the message with the header `parent`. */
  publish(
    type: string,
    content: Content,
    parent: ParentHeader,
    metadata: Content = {},
    buffers: Uint8Array[] = [],
    topic = type,
  ): void {
    this.send("iopub", [Buffer.from(topic)], type, content, parent, metadata, buffers);
  }

  /** Stops the cells that run. */
  interrupt(): void {
    this.input.cancel();
    this.executor.interrupt();
  }

  /** Ends both processes. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.executor.close();
    await this.sockets.close();
    process.exit(0);
  }

  private receive(channel: "shell" | "control" | "stdin", frames: Buffer[]): void {
    let message: Message;
    try {
      message = decode(frames, this.key, this.signatures);
    } catch (error) {
      log(`dropped a message on ${channel}: ${(error as Error).message}`);
      return;
    }
    if (channel === "stdin") this.input.receive(message);
    else this.dispatch(channel, message);
  }

  private dispatch(channel: "shell" | "control", message: Message): void {
    const type = message.header.msg_type;
    const handlers = channel === "shell" ? shellHandlers : controlHandlers;
    const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
    const queue = this.subshells.queue(message.header);
    if (!handler) log(`dropped a message on ${channel}: there is no handler for ${type}`);
    else if (!queue) log(`dropped a message on ${channel}: there is no subshell ${message.header.subshell_id}`);
    else if (type !== "execute_request") this.answer(channel, message, handler);
    else
      queue.add(
        () => this.answer(channel, message, handler),
        (died) => this.answer(channel, message, died ? abortedByDeath : aborted),
      );
  }

  /** The ritual around every message: busy, handle, reply, idle. */
  private async answer(channel: "shell" | "control", message: Message, handle: Handler): Promise<void> {
    const { header, identities } = message;
    this.begun = true;
    this.publish("status", { execution_state: "busy" }, header);
    if (header.msg_type === "execute_request") this.lastParent = header;
    try {
      const content = await handle(this, message);
      const type = header.msg_type.replace(/_request$/, "_reply");
      if (content) this.send(channel, identities, type, content, header);
    } catch (error) {
      log(`could not handle ${header.msg_type}: ${(error as Error).stack}`);
    }
    this.publish("status", { execution_state: "idle" }, header);
    if (this.stopping) await this.stop();
  }

  private relay(publication: Publication): void {
    this.streams.flush();
    const { type, content, parent, metadata, buffers } = publication;
    this.comms.note(type, content);
    this.publish(type, content, parent, metadata, buffers);
  }

  /** Tells the front ends that the comms of an executor are gone with it. */
  private forgetExecutor(): void {
    this.streams.flush();
    for (const comm_id of this.comms.clear(deviceTarget))
      this.publish("comm_close", { comm_id, data: {} }, this.lastParent);
  }

  /** A subscriber is told that it hears from now on (JEP 65). Its message is a 1, then the topic. */
  private welcome(frame: Buffer): void {
    if (frame[0] !== 1 || frame.length > mostTopic) return;
    const topic = frame.subarray(1).toString();
    this.publish("iopub_welcome", { subscription: topic }, {}, {}, [], topic);
    if (!this.begun) this.publish("status", { execution_state: "starting" }, {});
    this.begun = true;
  }

  private send(
    channel: "shell" | "control" | "iopub" | "stdin",
    identities: Uint8Array[],
    msg_type: string,
    content: Content,
    parent: ParentHeader,
    metadata: Content = {},
    buffers: Uint8Array[] = [],
  ): string {
    const header = {
      msg_id: randomUUID(),
      msg_type,
      session: this.session,
      username: "kernel",
      date: new Date().toISOString(),
      version: protocolVersion,
    };
    this.sockets.send(channel, encode({ identities, header, parent, metadata, content, buffers }, this.key));
    return header.msg_id;
  }
}

/** Starts a kernel on a connection file, and lets it end with the process. */
export async function runKernel(connectionFile: string): Promise<void> {
  const connection: Connection = readConnection(connectionFile);
  const kernel = new Kernel(await bindSockets(connection), connection.key);
  process.on("SIGINT", () => kernel.interrupt());
  process.on("SIGTERM", () => kernel.stop());
  process.on("uncaughtException", (error) => log(`went on after ${error.stack}`)); // no message is to stop the loop
  endWithParent(kernel);
  kernel.serve();
}

/** Jupyter's way to say that a kernel should not outlive the server that started it. */
function endWithParent(kernel: Kernel): void {
  if (!process.env.JPY_PARENT_PID) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && kernel.stop(), 1000).unref();
}
