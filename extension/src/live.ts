// The front end's end of a running trace: asks the kernel for it by its id and is sent rows until it is done.
import type { Kernel } from "@jupyterlab/services";

const liveTarget = "bestrq.live";

export interface Follower {
  /** An Arrow IPC stream: first all rows so far, then the new ones. */
  rows(stream: Uint8Array): Promise<void>;
  /** Nothing more will come; `complete` if the trace said so, not if the kernel is gone or does not know it. */
  end(complete: boolean): void;
}

/** Follows the trace `id` in a kernel. @returns how to stop */
export function follow(kernel: Kernel.IKernelConnection, id: string, follower: Follower): () => void {
  let over = false;
  let queue = Promise.resolve();
  const end = (complete: boolean) => {
    if (over) return;
    over = true;
    kernel.statusChanged.disconnect(status);
    queue = queue.then(() => follower.end(complete));
  };
  const status = (_: Kernel.IKernelConnection, now: Kernel.Status) => {
    if (["dead", "terminating", "restarting", "autorestarting"].includes(now)) end(false);
  };

  let comm: Kernel.IComm;
  try {
    comm = kernel.createComm(liveTarget);
    comm.onMsg = ({ content, buffers }) => {
      const [buffer] = buffers ?? [];
      if (over) return;
      if (buffer) queue = queue.then(() => follower.rows(bytes(buffer))).catch(() => end(false));
      if ((content.data as { done?: unknown }).done === true) end(true);
    };
    comm.onClose = () => end(false);
    kernel.statusChanged.connect(status);
    void comm.open({ id }).done.catch(() => end(false));
  } catch {
    end(false);
    return () => {};
  }
  return () => {
    over = true;
    kernel.statusChanged.disconnect(status);
    if (!comm.isDisposed && !kernel.isDisposed) void comm.close().done.catch(() => {});
  };
}

const bytes = (buffer: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
