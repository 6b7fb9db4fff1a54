// The five sockets of a kernel. Each sends through one queue: ZeroMQ drops or refuses what is sent beside another send.
import { Router, XPublisher } from "zeromq";
import { type Channel, type Connection, channels } from "./connection";

export interface Sockets {
  /** Queues frames; they leave in order. */
  send(channel: Channel, frames: Uint8Array[]): void;
  /** Calls `listener` with the frames of each message that arrives, for ever. */
  listen(channel: Channel, listener: (frames: Buffer[]) => void): void;
  /** Sends what is queued, then closes. */
  close(): Promise<void>;
}

/** Binds the five sockets, heartbeat running. */
export async function bindSockets({ addresses }: Connection): Promise<Sockets> {
  const sockets = {
    shell: new Router({ linger: 1000 }),
    control: new Router({ linger: 1000 }),
    stdin: new Router({ linger: 1000 }),
    hb: new Router({ linger: 0 }),
    // No high-water mark: past one, ZeroMQ throws outputs away.
    iopub: new XPublisher({ linger: 1000, sendHighWaterMark: 0 }),
  };
  sockets.iopub.verbosity = "allSubs";
  await Promise.all(channels.map((channel) => sockets[channel].bind(addresses[channel])));

  const queues = new Map<Channel, Promise<void>>();
  const send = (channel: Channel, frames: Uint8Array[]) => {
    const queue = queues.get(channel) ?? Promise.resolve();
    const report = (error: unknown) => console.error(`bestrq: could not send on ${channel}: ${error}`);
    queues.set(channel, queue.then(() => sockets[channel].send(frames)).catch(report));
  };
  const listen = async (channel: Channel, listener: (frames: Buffer[]) => void) => {
    for await (const frames of sockets[channel]) {
      try {
        listener(frames as Buffer[]);
      } catch (error) {
        console.error(`bestrq: could not take a message on ${channel}: ${error}`);
      }
    }
  };
  listen("hb", (frames) => send("hb", frames));
  const close = async () => {
    await Promise.all(queues.values());
    for (const channel of channels) sockets[channel].close();
  };
  return { send, listen, close };
}
