// The front end's end of a kernel's report on its memory: asks for it, sets its rate, and is told until the kernel is gone.
import type { Kernel } from "@jupyterlab/services";

const deviceTarget = "bestrq.device";
/** How often the kernel hears that somebody is still there: a page that is closed cannot say so (milliseconds). */
const lifeSignMs = 60_000;

export interface Watcher {
  /** One message of the kernel. What it throws ends the report. */
  told(data: Record<string, unknown>, buffers: readonly Uint8Array[]): void | Promise<void>;
  /** Nothing more will come. `reason` is an error, if it was one; `answered`: whether anything had come. */
  ended(end: { readonly answered: boolean; readonly reason?: string }): void;
}

export interface Watch {
  /** Asks for another rate. */
  setInterval(intervalMs: number): void;
  stop(): void;
}

/** Asks a kernel to report on its memory every `intervalMs`. Busy kernels answer, too. */
export function watchDevice(kernel: Kernel.IKernelConnection, intervalMs: number, watcher: Watcher): Watch {
  let over = false;
  let answered = false;
  let queue = Promise.resolve();
  let comm: Kernel.IComm | undefined;
  const send = () => {
    if (!over && comm && !kernel.isDisposed) void comm.send({ interval_ms: intervalMs }).done.catch(() => {});
  };
  const lifeSigns = setInterval(send, lifeSignMs);
  const close = () => {
    over = true;
    clearInterval(lifeSigns);
    if (comm && !comm.isDisposed && !kernel.isDisposed) void comm.close().done.catch(() => {});
  };
  const end = (reason?: unknown) => {
    if (over) return;
    close();
    watcher.ended({ answered, reason: reason === undefined ? undefined : (reason as Error).message });
  };
  try {
    comm = kernel.createComm(deviceTarget);
    comm.onMsg = ({ content, buffers }) => {
      answered = true;
      // One after the other, also where a message is awaited.
      queue = queue
        .then(() => (over ? undefined : watcher.told((content.data ?? {}) as Record<string, unknown>, bytes(buffers))))
        .catch(end);
    };
    comm.onClose = () => {
      queue = queue.then(() => end());
    };
    void comm.open({ interval_ms: intervalMs }).done.catch(() => end());
  } catch (error) {
    queueMicrotask(() => end(error));
  }
  return {
    setInterval: (changed) => {
      intervalMs = changed;
      send();
    },
    stop: close,
  };
}

const bytes = (buffers: readonly (ArrayBuffer | ArrayBufferView)[] = []): Uint8Array[] =>
  buffers.map((buffer) =>
    ArrayBuffer.isView(buffer)
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new Uint8Array(buffer),
  );
