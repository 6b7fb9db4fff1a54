// Finer tiles than a notebook stores, from the kernel that made the figure, while it runs.
import type { Kernel } from "@jupyterlab/services";
import { decodeTiles, type StoredTile } from "./decode";
import type { Place } from "./tiles";

const mapTarget = "bestrq.map";

export class RemoteTiles {
  readonly #comm: Kernel.IComm | undefined;
  readonly #asked = new Set<string>();
  #over = false;

  /** @param take is called with what the kernel sent @param gone when it keeps this figure no more */
  constructor(
    private readonly kernel: Kernel.IKernelConnection,
    id: string,
    take: (tiles: StoredTile[]) => void,
    private readonly gone: () => void,
  ) {
    try {
      this.#comm = kernel.createComm(mapTarget);
      this.#comm.onMsg = ({ buffers }) => {
        const [buffer] = buffers ?? [];
        if (this.#over || !buffer) return;
        try {
          take(decodeTiles(bytes(buffer)));
        } catch {
          this.#end(); // what the notebook stores is enough
        }
      };
      this.#comm.onClose = () => this.#end();
      kernel.statusChanged.connect(this.#status);
      void this.#comm.open({ id }).done.catch(() => this.#end());
    } catch {
      this.#end();
    }
  }

  /** Asks for these tiles, once each. */
  want(places: readonly Place[]): void {
    if (this.#over) return;
    const tiles = places.map(({ panel, level, row, column }) => [panel, level, row, column].join());
    const fresh = tiles.filter((tile) => !this.#asked.has(tile));
    if (fresh.length === 0) return;
    for (const tile of fresh) this.#asked.add(tile);
    void this.#comm?.send({ tiles: fresh }).done.catch(() => this.#end());
  }

  close(): void {
    this.#over = true;
    this.kernel.statusChanged.disconnect(this.#status);
    const comm = this.#comm;
    if (comm && !comm.isDisposed && !this.kernel.isDisposed) void comm.close().done.catch(() => {});
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.kernel.statusChanged.disconnect(this.#status);
    this.gone();
  }

  readonly #status = (_: Kernel.IKernelConnection, now: Kernel.Status) => {
    if (["dead", "terminating", "restarting", "autorestarting"].includes(now)) this.#end();
  };
}

const bytes = (buffer: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
