// How a value says what it looks like in a notebook, and how it gets there. Nothing here knows the kernel: they meet
// at two well-known symbols, so the library also runs in plain Node and other kernels can show its values.
import { randomUUID } from "node:crypto";

/** The key of the method by which a value shows itself: `[displaySymbol](): MimeBundle | Promise<MimeBundle>`. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display");

/** The key under which a kernel puts its {@link Host} on `globalThis`. */
export const hostSymbol: unique symbol = Symbol.for("Jupyter.host");

/** One value in several formats, by MIME type. A front end shows the richest one that it knows. */
export type MimeBundle = Record<string, unknown>;

/** A value that knows how it is shown. */
export interface Displayable {
  /** Its formats now. The handle, where there is one, lets a value that changes show itself again. */
  [displaySymbol](handle?: DisplayHandle): MimeBundle | Promise<MimeBundle>;
}

/** A place in the notebook where something is shown and may be replaced. */
export interface DisplayHandle {
  /** Names the place. */
  readonly id: string;
  /** Fulfilled when everything given so far has been sent, rejected if a value could not show itself. */
  readonly shown: Promise<void>;
  /** Shows `value` in this place instead of what is there. */
  update(value: unknown): DisplayHandle;
}

/** A connection to one front end, in both directions. */
export interface Comm {
  readonly id: string;
  send(data: unknown, buffers?: Uint8Array[]): void;
  onMessage?: (data: unknown, buffers: Uint8Array[]) => void;
  onClose?: () => void;
  close(data?: unknown): void;
}

/** What a kernel offers to the values in its cells. */
export interface Host {
  display(data: MimeBundle, metadata: Record<string, unknown>, options: { displayId?: string; update?: boolean }): void;
  /** Has the running cell not end before what it shows is sent. */
  waitFor?(shown: Promise<unknown>): void;
  registerTarget(name: string, onOpen: (comm: Comm, data: unknown, buffers: Uint8Array[]) => void): void;
  openComm(name: string, data: unknown, buffers?: Uint8Array[]): Comm;
  /** True from the moment that someone asks for an interrupt: a computation can stop in good order, soon. */
  interruptRequested?(): boolean;
  /** Runs what must not be cut in two: an interrupt waits for its end. */
  uninterrupted?<R>(body: () => R): R;
  /**
   * What is computed from now on looks at {@link signal} whenever the event loop turns, and stops in good order: an interrupt
   * waits for that; a second one does not. What is returned ends it.
   */
  orderly?(): () => void;
  /** Aborted when the running cell is interrupted. To be taken as the work begins. */
  readonly signal?: AbortSignal;
  /** Calls `listener` after each cell that was interrupted; a cell that had to be terminated has run no `finally`. */
  onInterrupted?(listener: () => void): void;
}

/** The kernel that this code runs in, if any. */
export const host = (): Host | undefined => (globalThis as { [hostSymbol]?: Host })[hostSymbol];

/**
 * Shows `value` in the notebook at once, while the cell still runs; outside a notebook its text goes to the console.
 *
 * @param options.id names the place, so that another cell can find it again; a new one each time if left out
 * @returns a handle; `handle.update(value)` replaces what is shown
 * @example
 * const shown = display("listening ...");
 * shown.update("done"); // in its place, as often as you like
 */
export function display(value: unknown, options: { id?: string } = {}): DisplayHandle {
  const id = options.id ?? randomUUID();
  let shown: Promise<void> = Promise.resolve();
  let waiting = 0;

  const send = (data: MimeBundle, update: boolean) => {
    const kernel = host();
    if (kernel) kernel.display(data, {}, { displayId: id, update });
    else console.log(String(data["text/plain"] ?? ""));
  };
  const handle: DisplayHandle = {
    id,
    get shown() {
      return shown;
    },
    update: (next) => show(next, true),
  };
  // Most values know at once how they look and are sent at once; the order holds where one has to wait.
  const show = (next: unknown, update: boolean): DisplayHandle => {
    const data = bundle(next, handle);
    if (data instanceof Promise || waiting > 0) {
      waiting++;
      shown = shown.then(async () => send(await data, update)).finally(() => waiting--);
      host()?.waitFor?.(shown);
    } else send(data, update);
    return handle;
  };
  return show(value, false);
}

/** Every format of a value: its own, or its text. */
function bundle(value: unknown, handle?: DisplayHandle): MimeBundle | Promise<MimeBundle> {
  const own = (value as Partial<Displayable> | null | undefined)?.[displaySymbol];
  return typeof own === "function" ? own.call(value as Displayable, handle) : { "text/plain": String(value) };
}
