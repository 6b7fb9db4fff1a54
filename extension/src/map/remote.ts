// Finer tiles than a notebook stores, from the kernel that made the figure, while it runs.
import type { Kernel } from "@jupyterlab/services";
import { decodeTiles, type StoredTile } from "./decode";
import type { Place } from "./tiles";

const mapTarget = "bestrq.map";

interface Receiving {
  take(tiles: StoredTile[]): void;
  /** The kernel keeps this figure no more. */
  gone(): void;
}

export class RemoteTiles {
  /** @param id the name under which the kernel keeps the figure, if it does @param kernelOf finds it once it is there */
  constructor(
    private readonly id: string | undefined,
    private readonly kernelOf: () => Kernel.IKernelConnection | undefined,
    private readonly receiving: Receiving,
  ) {}

  /** Whether finer tiles may still come. */
  get reachable(): boolean {
    return this.id !== undefined && !this.#over && (this.#kernel ?? this.kernelOf()) !== undefined;
  }

  /** Asks for these tiles, once each. */
  want(places: readonly Place[]): void {
    const tiles = places.map(({ panel, level, row, column }) => [panel, level, row, column].join());
    const fresh = tiles.filter((tile) => !this.#asked.has(tile));
    if (fresh.length === 0 || !this.reachable) return;
    this.#open();
    for (const tile of fresh) this.#asked.add(tile);
    void this.#comm?.send({ tiles: fresh }).done.catch(() => this.#end());
  }

  close(): void {
    this.#over = true;
    this.#kernel?.statusChanged.disconnect(this.#status);
    const comm = this.#comm;
    if (comm && !comm.isDisposed && !this.#kernel?.isDisposed) void comm.close().done.catch(() => {});
  }

  #open(): void {
    if (this.#kernel) return;
    this.#kernel = this.kernelOf()!;
    try {
      this.#comm = this.#kernel.createComm(mapTarget);
      this.#comm.onMsg = ({ buffers }) => {
        const [buffer] = buffers ?? [];
        if (this.#over || !buffer) return;
        try {
          this.receiving.take(decodeTiles(bytes(buffer)));
        } catch {
          this.#end(); // what the notebook stores is enough
        }
      };
      this.#comm.onClose = () => this.#end();
      this.#kernel.statusChanged.connect(this.#status);
      void this.#comm.open({ id: this.id! }).done.catch(() => this.#end());
    } catch {
      this.#end(); // a kernel without comms
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#kernel?.statusChanged.disconnect(this.#status);
    this.receiving.gone();
  }

  readonly #status = (_: Kernel.IKernelConnection, now: Kernel.Status) => {
    if (["dead", "terminating", "restarting", "autorestarting"].includes(now)) this.#end();
  };
  readonly #asked = new Set<string>();
  #kernel: Kernel.IKernelConnection | undefined;
  #comm: Kernel.IComm | undefined;
  #over = false;
}

const bytes = (buffer: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
