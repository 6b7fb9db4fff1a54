// Asks the kernel to draw a figure for a page: it has the fonts and writes PDF.
import type { Kernel } from "@jupyterlab/services";
import { trans } from "./translation";

const exportTarget = "bestrq.export";

/** What a figure is drawn for. */
export interface Page {
  readonly widthMm: number;
  /** Dots per inch of a PNG. */
  readonly dpi: number;
}

/** The figure with these numbers (an Arrow IPC stream) as a file. @throws Error where the kernel cannot make it */
export function printed(
  kernel: Kernel.IKernelConnection | undefined,
  format: string,
  numbers: Uint8Array<ArrayBuffer>,
  page: Page,
): Promise<Uint8Array<ArrayBuffer>> {
  const wayOut = trans.__("run a cell that imports bestrq, and try again");
  return new Promise((resolve, reject) => {
    if (!kernel || kernel.isDisposed || ["dead", "unknown"].includes(kernel.status)) {
      reject(new Error(trans.__("it is drawn by the kernel, and there is none: %1", wayOut)));
      return;
    }
    const comm = kernel.createComm(exportTarget);
    comm.onMsg = ({ content, buffers }) => {
      const [file] = buffers ?? [];
      if (file) resolve(bytes(file));
      else reject(new Error(String((content.data as { error?: unknown }).error)));
    };
    comm.onClose = () =>
      reject(new Error(trans.__("it is drawn by the kernel, which does not know how yet: %1", wayOut)));
    const died = () => {
      if (!["dead", "restarting", "autorestarting", "terminating"].includes(kernel.status)) return;
      reject(new Error(trans.__("the kernel ended before it had drawn it")));
    };
    kernel.statusChanged.connect(died);
    comm.open({ format, ...page }, undefined, [numbers]);
  });
}

const bytes = (buffer: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : buffer,
  );
