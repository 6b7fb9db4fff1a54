// Comms: two-way connections between a cell's code and something in a front end.
import { randomUUID } from "node:crypto";
import { plain } from "./display";
import type { CommMessage } from "./protocol";
import { publish } from "./run";

/** One open connection. */
export interface Comm {
  readonly id: string;
  send(data: unknown, buffers?: Uint8Array[]): void;
  onMessage?: (data: unknown, buffers: Uint8Array[]) => void;
  onClose?: () => void;
  close(data?: unknown): void;
}

/** Called with each comm that a front end opens for a target. */
export type OnOpen = (comm: Comm, data: unknown, buffers: Uint8Array[]) => void;

const targets = new Map<string, OnOpen>();
const comms = new Map<string, Comm>();

/** Front ends can open comms for the target `name` from now on. */
export function registerTarget(name: string, onOpen: OnOpen): void {
  targets.set(name, onOpen);
}

/** Opens a comm towards the front ends. */
export function openComm(name: string, data: unknown, buffers: Uint8Array[] = []): Comm {
  const comm = create(randomUUID());
  publish("comm_open", { comm_id: comm.id, target_name: name, data: plain(data ?? {}) }, {}, buffers);
  return comm;
}

/** Hands a front end's message to whom it is for. */
export function receive({ type, content, buffers }: CommMessage): void {
  handlers[type](content, buffers);
}

const handlers: Record<CommMessage["type"], (content: CommMessage["content"], buffers: Uint8Array[]) => void> = {
  comm_open: ({ comm_id, target_name = "", data }, buffers) => {
    const onOpen = targets.get(target_name);
    const comm = create(comm_id);
    if (!onOpen) return comm.close();
    try {
      onOpen(comm, data, buffers);
    } catch (error) {
      comm.close();
      throw error;
    }
  },
  comm_msg: ({ comm_id, data }, buffers) => comms.get(comm_id)?.onMessage?.(data, buffers),
  comm_close: ({ comm_id }) => {
    const comm = comms.get(comm_id);
    comms.delete(comm_id);
    comm?.onClose?.();
  },
};

function create(id: string): Comm {
  const comm: Comm = {
    id,
    send: (data, buffers = []) => publish("comm_msg", { comm_id: id, data: plain(data ?? {}) }, {}, buffers),
    close: (data) => {
      if (comms.delete(id)) publish("comm_close", { comm_id: id, data: plain(data ?? {}) });
    },
  };
  comms.set(id, comm);
  return comm;
}
