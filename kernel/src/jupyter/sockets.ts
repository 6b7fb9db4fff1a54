// The five sockets of a kernel. Each sends through one queue: ZeroMQ drops or refuses what is sent beside another send.
import { setTimeout as pause } from "node:timers/promises";
import { Router, XPublisher } from "zeromq";
import { type Channel, type Connection, channels } from "./connection";
import { log } from "./log";

export interface Sockets {
  /** Queues frames; they leave in order. */
  send(channel: Channel, frames: Uint8Array[]): void;
  /** What to wait for before making more outputs, if the front ends are behind in taking them. */
  congestion(): Promise<void> | undefined;
  /** Calls `listener` with the frames of each message that arrives, for ever. */
  listen(channel: Channel, listener: (frames: Buffer[]) => void): void;
  /** Sends what is queued, then closes. */
  close(): Promise<void>;
}

/** How many outputs wait for a front end in ZeroMQ, and before it. */
const mostWaiting = 64;
/** The longest frame that is taken from anyone (bytes). */
const mostBytes = 1 << 27;
/** How long the others wait for a front end that takes nothing any more, before it loses what comes (milliseconds). */
const patience = 10_000;
const retry = 2;

/** Binds the five sockets, heartbeat running. */
export async function bindSockets({ addresses }: Connection): Promise<Sockets> {
  const router = (linger: number) => new Router({ linger, sendHighWaterMark: 0, maxMessageSize: mostBytes });
  const sockets = {
    shell: router(1000),
    control: router(1000),
    stdin: router(1000),
    hb: router(0),
    iopub: new XPublisher({ linger: 1000, sendHighWaterMark: mostWaiting, maxMessageSize: mostBytes, noDrop: true }),
  };
  sockets.iopub.verbosity = "allSubs";
  await Promise.all(channels.map((channel) => sockets[channel].bind(addresses[channel])));

  const publish = publisher(sockets.iopub);
  const queues = new Map(channels.map((channel) => [channel, { last: Promise.resolve(), length: 0 }]));
  const send = (channel: Channel, frames: Uint8Array[]) => {
    const queue = queues.get(channel)!;
    queue.length++;
    queue.last = queue.last
      .then(() => (channel === "iopub" ? publish(frames) : sockets[channel].send(frames)))
      .catch((error: unknown) => log(`could not send on ${channel}: ${error}`))
      .then(() => void queue.length--);
  };
  const congestion = () => {
    const { last, length } = queues.get("iopub")!;
    return length > mostWaiting ? last : undefined;
  };
  const listen = async (channel: Channel, listener: (frames: Buffer[]) => void) => {
    for await (const frames of sockets[channel]) {
      try {
        listener(frames as Buffer[]);
      } catch (error) {
        log(`could not take a message on ${channel}: ${error}`);
      }
    }
  };
  listen("hb", (frames) => send("hb", frames));
  const close = async () => {
    await Promise.all([...queues.values()].map(({ last }) => last));
    for (const channel of channels) sockets[channel].close();
  };
  return { send, congestion, listen, close };
}

/** Sends outputs so that each front end gets all of them, however slow it is; unless it has stopped altogether. */
function publisher(socket: XPublisher): (frames: Uint8Array[]) => Promise<void> {
  let stopped = false;
  return async (frames) => {
    for (const deadline = Date.now() + patience; ; await pause(retry)) {
      try {
        await socket.send(frames);
        stopped = false;
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
      if (stopped || Date.now() > deadline) break;
    }
    if (!stopped) log(`a front end has taken no outputs for ${patience / 1000} s: it loses what comes until it does`);
    stopped = true;
    mayDrop(socket, true);
    await socket.send(frames);
    mayDrop(socket, false);
  };
}

/** ZeroMQ heeds this at once; its binding warns that it would not. */
function mayDrop(socket: XPublisher, drop: boolean): void {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  socket.noDrop = !drop;
  process.emitWarning = emitWarning;
}
