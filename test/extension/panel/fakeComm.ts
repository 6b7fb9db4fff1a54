// A kernel connection whose comm a test plays, for code outside of a browser.
import { vi } from "vitest";

type Slot = () => void;

/** As much of a Lumino signal as is used. */
export class FakeSignal {
  readonly #slots = new Set<Slot>();
  connect(slot: Slot): boolean {
    return this.#slots.size < this.#slots.add(slot).size;
  }
  disconnect(slot: Slot): boolean {
    return this.#slots.delete(slot);
  }
  emit(): void {
    for (const slot of [...this.#slots]) slot();
  }
  get size(): number {
    return this.#slots.size;
  }
}

export function fakeKernel(implementation = "bestrq") {
  const comms: ReturnType<typeof fakeComm>[] = [];
  const kernel = {
    id: `kernel ${Math.random()}`,
    isDisposed: false,
    status: "idle",
    connectionStatus: "connected",
    info: Promise.resolve({ implementation }),
    createComm: vi.fn((target: string) => {
      comms.push(fakeComm(target));
      return comms.at(-1)!;
    }),
  };
  return { kernel, comms };
}

function fakeComm(target: string) {
  const sent = () => ({ done: Promise.resolve() });
  return {
    target,
    isDisposed: false,
    open: vi.fn(sent),
    send: vi.fn(sent),
    close: vi.fn(sent),
    onMsg: (_: { content: { data: unknown }; buffers?: ArrayBufferView[] }): void => {},
    onClose: (): void => {},
    /** A message as JupyterLab hands it on: buffers are views into a larger message. */
    tell(data: object, bytes?: Uint8Array): void {
      const message = new Uint8Array(3 + (bytes?.length ?? 0));
      message.set(bytes ?? [], 1);
      const buffers = bytes ? [new DataView(message.buffer, 1, bytes.length)] : [];
      this.onMsg({ content: { data }, buffers });
    },
  };
}

/** A notebook's session with that kernel, in front of JupyterLab's shell. */
export function fakeLab(kernel?: object, title = "a.ipynb") {
  const widget = fakeNotebook(kernel, title);
  const shell = { currentWidget: widget as object | null, currentChanged: new FakeSignal() };
  const tracker = {
    currentWidget: widget,
    currentChanged: new FakeSignal(),
    has: (one: object) => "sessionContext" in one,
  };
  return { shell, tracker, widget };
}

export function fakeNotebook(kernel?: object, title = "a.ipynb") {
  return {
    isDisposed: false,
    disposed: new FakeSignal(),
    title: { label: title },
    sessionContext: {
      isDisposed: false,
      session: kernel ? { kernel } : null,
      kernelDisplayName: "TypeScript (BEST-RQ)",
      kernelChanged: new FakeSignal(),
      statusChanged: new FakeSignal(),
      connectionStatusChanged: new FakeSignal(),
    },
  };
}

/** After everything that waits for a promise. */
export const settled = () => new Promise((resolve) => setTimeout(resolve));
