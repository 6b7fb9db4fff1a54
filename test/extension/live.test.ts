import { expect, test, vi } from "vitest";
import { type Follower, follow } from "../../extension/src/live";

type Message = { content: { data: unknown }; buffers?: ArrayBufferView[] };

function fakeKernel() {
  const comm = {
    isDisposed: false,
    open: vi.fn(() => ({ done: Promise.resolve() })),
    close: vi.fn(() => ({ done: Promise.resolve() })),
    onMsg: (_: Message): void => {},
    onClose: (): void => {},
  };
  const listeners = new Set<(kernel: unknown, status: string) => void>();
  const statusChanged = {
    connect: (listener: (kernel: unknown, status: string) => void) => listeners.add(listener),
    disconnect: (listener: (kernel: unknown, status: string) => void) => listeners.delete(listener),
  };
  const createComm = vi.fn(() => comm);
  const kernel = { isDisposed: false, createComm, statusChanged } as never;
  return { kernel, createComm, comm, listeners };
}

function follower() {
  const rows: number[][] = [];
  const ends: boolean[] = [];
  const it: Follower = {
    rows: async (stream) => void rows.push([...stream]),
    end: (complete) => void ends.push(complete),
  };
  return { it, rows, ends };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));
const message = (done: boolean, ...bytes: number[]): Message => ({
  content: { data: { id: "trace", done } },
  // As JupyterLab gives it: a view into a larger message.
  buffers: [new DataView(Uint8Array.from([9, ...bytes, 9]).buffer, 1, bytes.length)],
});

test("follow() asks for the trace and hands on its rows in order until it is done", async () => {
  const { kernel, comm } = fakeKernel();
  const { it, rows, ends } = follower();
  follow(kernel, "trace", it);
  expect(comm.open).toHaveBeenCalledWith({ id: "trace" });
  comm.onMsg(message(false, 1, 2));
  comm.onMsg(message(true, 3));
  comm.onClose();
  await settled();
  expect(rows).toEqual([[1, 2], [3]]);
  expect(ends).toEqual([true]);
});

test("follow() ends, not complete, when the kernel does not know the trace, is restarted or sends nonsense", async () => {
  const refused = fakeKernel();
  const restarted = fakeKernel();
  const broken = fakeKernel();
  const told = [follower(), follower(), follower()];
  follow(refused.kernel, "trace", told[0].it);
  refused.comm.onClose();
  follow(restarted.kernel, "trace", told[1].it);
  for (const listener of restarted.listeners) listener(undefined, "restarting");
  follow(broken.kernel, "trace", { ...told[2].it, rows: () => Promise.reject(new Error("not Arrow")) });
  broken.comm.onMsg(message(false, 1));
  await settled();
  expect(told.map(({ ends }) => ends)).toEqual([[false], [false], [false]]);
  expect(restarted.listeners.size).toBe(0);
});

test("follow() ends where a kernel handles no comms", async () => {
  const { it, ends } = follower();
  const { kernel, createComm } = fakeKernel();
  createComm.mockImplementation(() => {
    throw new Error("Comms are disabled on this kernel connection");
  });
  follow(kernel, "trace", it);
  await settled();
  expect(ends).toEqual([false]);
});

test("follow() closes its comm when it is stopped, and hands on nothing more", async () => {
  const { kernel, comm, listeners } = fakeKernel();
  const { it, rows, ends } = follower();
  const stop = follow(kernel, "trace", it);
  stop();
  comm.onMsg(message(false, 1));
  await settled();
  expect(comm.close).toHaveBeenCalled();
  expect([rows, ends, listeners.size]).toEqual([[], [], 0]);
});
