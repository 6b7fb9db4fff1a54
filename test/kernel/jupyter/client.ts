// A small Jupyter front end: it starts the built kernel and speaks the protocol with it, byte by byte.
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Dealer, Request, Subscriber } from "zeromq";

export interface Message {
  type: string;
  header: Record<string, string>;
  parent: Record<string, string>;
  metadata: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the kernel sends
  content: any;
  buffers: Buffer[];
  /** When it arrived (milliseconds). */
  at: number;
}

export const cli = fileURLToPath(new URL("../../../kernel/dist/cli.js", import.meta.url));
export const checkout = fileURLToPath(new URL("../../..", import.meta.url));
const delimiter = "<IDS|MSG>";

export interface Options {
  /** The kernel's working directory. */
  cwd?: string;
  /** Start it as a grandchild, so that its parent can be ended without it. */
  behindParent?: boolean;
  /** Environment variables beside the test's own. */
  env?: Record<string, string>;
}

export class Client {
  readonly messages: Message[] = [];
  private readonly waiting = new Set<() => void>();
  stderr = "";

  kernel: ChildProcess;

  private constructor(
    private readonly launch: () => ChildProcess,
    readonly ports: Record<string, number>,
    readonly key: string,
    readonly shell: Dealer,
    readonly control: Dealer,
    readonly iopub: Subscriber,
    readonly stdin: Dealer,
    readonly heartbeat: Request,
    private readonly session: string,
    private readonly folder: string,
  ) {
    this.kernel = this.begin();
  }

  /** Starts a kernel of its own and waits until it answers. */
  static async start({
    cwd = join(checkout, "notebooks"),
    behindParent = false,
    env: more = {},
  }: Options = {}): Promise<Client> {
    const folder = mkdtempSync(join(tmpdir(), "bestrq-kernel-"));
    const ports = await freePorts();
    const key = randomUUID();
    const file = join(folder, "connection.json");
    writeFileSync(
      file,
      JSON.stringify({ transport: "tcp", ip: "127.0.0.1", key, signature_scheme: "hmac-sha256", ...ports }),
    );
    const command = [
      ...(behindParent ? ["sh", "-c", '"$0" "$@"; exit $?'] : []),
      process.execPath,
      cli,
      "kernel",
      file,
    ];
    const env = {
      ...process.env,
      JPY_PARENT_PID: String(process.pid), // as Jupyter does
      BESTRQ_HISTORY: join(folder, "history"),
      ...more,
    };
    const launch = () => spawn(command[0]!, command.slice(1), { cwd, env, stdio: ["ignore", "inherit", "pipe"] });
    const session = randomUUID();
    const dealer = () => new Dealer({ linger: 0, routingId: session }); // one for all: so the kernel finds it on stdin
    const [shell, control, stdin] = [dealer(), dealer(), dealer()];
    const iopub = new Subscriber({ linger: 0 });
    const heartbeat = new Request({ linger: 0, receiveTimeout: 2000 });
    const client = new Client(launch, ports, key, shell, control, iopub, stdin, heartbeat, session, folder);
    iopub.subscribe("");
    for (const [socket, port] of [
      [shell, ports.shell_port],
      [control, ports.control_port],
      [iopub, ports.iopub_port],
      [stdin, ports.stdin_port],
      [heartbeat, ports.hb_port],
    ] as const) {
      socket.connect(`tcp://127.0.0.1:${port}`);
    }
    for (const [name, socket] of Object.entries({ shell, control, iopub, stdin })) void client.receive(name, socket);
    await client.until(({ type }) => type === "iopub_welcome");
    return client;
  }

  /** The frames of a message as they go over the wire. */
  frames(
    type: string,
    content: object,
    id: string = randomUUID(),
    buffers: Uint8Array[] = [],
    { parent = {}, subshell }: { parent?: object; subshell?: string } = {},
  ): Array<string | Uint8Array> {
    const date = new Date().toISOString();
    const header = { msg_id: id, msg_type: type, session: this.session, username: "test", date, version: "5.5" };
    const parts = [{ ...header, subshell_id: subshell }, parent, {}, content].map((part) => JSON.stringify(part));
    return [delimiter, this.sign(parts), ...parts, ...buffers];
  }

  sign(parts: string[]): string {
    const hmac = createHmac("sha256", this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  /** Sends a message; what comes of it has its id as parent. */
  async send(
    type: string,
    content: object,
    options: { control?: boolean; buffers?: Uint8Array[]; subshell?: string } = {},
  ): Promise<string> {
    const id = randomUUID();
    await (options.control ? this.control : this.shell).send(this.frames(type, content, id, options.buffers, options));
    return id;
  }

  /** Sends a request and waits for its reply. */
  async ask(
    type: string,
    content: object = {},
    options: { control?: boolean; subshell?: string; timeout?: number } = {},
  ): Promise<Message> {
    const id = await this.send(type, content, options);
    return this.reply(id, options.timeout);
  }

  reply(id: string, timeout?: number): Promise<Message> {
    return this.until(({ type, parent }) => parent.msg_id === id && type.endsWith("_reply"), timeout);
  }

  /** Sends a cell, without waiting. */
  submit(code: string, content: object = {}, options: { subshell?: string } = {}): Promise<string> {
    const defaults = { silent: false, store_history: true, user_expressions: {} };
    return this.send("execute_request", { code, ...defaults, ...content }, options);
  }

  /** Runs a cell to its end. */
  async execute(code: string, content: object = {}, options: { subshell?: string } = {}): Promise<Executed> {
    return this.finished(await this.submit(code, content, options));
  }

  /** Waits for the question of a cell. */
  question(id: string): Promise<Message> {
    return this.until(({ type, parent }) => type === "input_request" && parent.msg_id === id);
  }

  /** Answers a question. */
  answer(value: string, parent: object = {}): Promise<void> {
    return this.stdin.send(this.frames("input_reply", { value }, undefined, [], { parent }));
  }

  /** Waits for the reply to a cell and for idle, and collects what it showed. */
  async finished(id: string, timeout?: number): Promise<Executed> {
    const reply = await this.reply(id, timeout);
    await this.until(({ type, parent, content }) => {
      return type === "status" && parent.msg_id === id && content.execution_state === "idle";
    });
    const outputs = this.outputs(id);
    const text = (name: string) =>
      outputs
        .filter(({ type, content }) => type === "stream" && content.name === name)
        .map(({ content }) => content.text);
    const result = outputs.find(({ type }) => type === "execute_result")?.content.data;
    return {
      id,
      reply,
      content: reply.content,
      outputs,
      stdout: text("stdout").join(""),
      stderr: text("stderr").join(""),
      result,
    };
  }

  /** All on iopub that the message with this id caused, without status. */
  outputs(id: string): Message[] {
    const replies = /_reply$/;
    return this.messages.filter(({ type, parent }) => parent.msg_id === id && type !== "status" && !replies.test(type));
  }

  /** Waits for a message, one that has come already included. */
  async until(accept: (message: Message) => boolean, timeout = 30_000): Promise<Message> {
    for (const deadline = Date.now() + timeout; ; ) {
      const found = this.messages.find(accept);
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`no such message; the last are ${JSON.stringify(this.messages.slice(-5))}\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.waiting.add(wake);
      });
    }
  }

  /** Whether the heartbeat answers (within two seconds). */
  async beats(): Promise<boolean> {
    await this.heartbeat.send("ping");
    const [echo] = await this.heartbeat.receive();
    return echo.toString() === "ping";
  }

  /** Asks the kernel to end and starts it anew on the same connection, as a front end's restart does. */
  async restart(): Promise<void> {
    const exit = once(this.kernel, "exit");
    await this.ask("shutdown_request", { restart: true }, { control: true });
    await exit;
    this.messages.length = 0;
    this.kernel = this.begin();
    await this.until(({ type }) => type === "iopub_welcome");
  }

  /** The process id of the executor. */
  async executor(): Promise<number> {
    const { result } = await this.execute("process.pid");
    return Number(result["text/plain"]);
  }

  /** Ends the kernel, if it still runs, and all that belongs to it. */
  async stop(): Promise<void> {
    if (running(this.kernel)) {
      const exit = once(this.kernel, "exit");
      await this.send("shutdown_request", { restart: false }, { control: true });
      const timer = setTimeout(() => this.kernel.kill("SIGKILL"), 10_000);
      await exit;
      clearTimeout(timer);
    }
    for (const socket of [this.shell, this.control, this.iopub, this.stdin, this.heartbeat]) socket.close();
    rmSync(this.folder, { recursive: true });
  }

  private begin(): ChildProcess {
    const kernel = this.launch();
    kernel.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    return kernel;
  }

  private async receive(name: string, socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      const at = frames.findIndex((frame) => frame.toString() === delimiter);
      const [signature, ...rest] = frames.slice(at + 1);
      const parts = rest.slice(0, 4).map(String);
      if (signature!.toString() !== this.sign(parts)) throw new Error(`the kernel sent a bad signature on ${name}`);
      const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part));
      this.messages.push({
        type: header.msg_type,
        header,
        parent,
        metadata,
        content,
        buffers: rest.slice(4),
        at: performance.now(),
      });
      for (const wake of [...this.waiting]) wake();
    }
  }
}

export interface Executed {
  id: string;
  reply: Message;
  content: Message["content"];
  outputs: Message[];
  stdout: string;
  stderr: string;
  /** The MIME bundle of the result. */
  result: Record<string, string>;
}

/** Waits until a process is gone. */
export async function gone(pid: number, timeout = 10_000): Promise<boolean> {
  for (const deadline = Date.now() + timeout; Date.now() < deadline; ) {
    if (!alive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function running({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

async function freePorts(): Promise<Record<string, number>> {
  const names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];
  const servers = names.map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  return Object.fromEntries(names.map((name, index) => [name, ports[index]!]));
}
