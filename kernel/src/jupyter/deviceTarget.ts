// The comm target "bestrq.device": memory over time, for a panel. The front process answers it itself, so that it answers
// while a cell computes, and after the executor has died.
import { type CellMark, type Description, History, sampleBytes, shortestInterval, Trails } from "../device";
import type { FromSampler, Header } from "../executor/protocol";
import { log } from "./log";

/** The name under which front ends open it. */
export const deviceTarget = "bestrq.device";

export interface DeviceOptions {
  /** Sends a comm message's content in answer to a message. */
  send(type: "comm_msg" | "comm_close", content: object, parent: Header, buffers: Uint8Array[]): void;
  /** Asks the executor for samples, 0: for none. */
  sample(intervalMs: number): void;
  /** True while the front ends are behind in taking what is sent. */
  isCongested(): boolean;
}

interface Watcher {
  intervalMs: number;
  heardMs: number;
  parent: Header;
  /** What it has not got yet. */
  description?: Description;
  cells: CellMark[];
  values: Trails;
}

/** How often it samples while a cell runs and nobody watches, for those who come later (milliseconds). */
const backgroundMs = 1000;
/** How long it waits for sources that answer a little later, to send all at once (milliseconds). */
const gatherMs = 20;
/** A page that was closed or reloaded says nothing: who has not sent its interval for so long is taken for gone (milliseconds). */
const leaseMs = 180_000;
/** What waits for a watcher that takes nothing, before neighbouring values are merged. */
const mostWaiting = 20_000;

export class DeviceTarget {
  readonly #history = new History();
  readonly #watchers = new Map<string, Watcher>();
  readonly #running = new Map<string, CellMark>();
  #description: Description = { series: [], notes: [] };
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: DeviceOptions) {}

  /** Whether a comm is one of this target. */
  has(id: string): boolean {
    return this.#watchers.has(id);
  }

  /** A comm message from a front end. */
  receive(type: string, { comm_id, data }: { comm_id?: unknown; data?: unknown }, parent: Header): void {
    const id = String(comm_id);
    if (type === "comm_close") this.#watchers.delete(id);
    else {
      const intervalMs = Number((data as { interval_ms?: unknown } | null)?.interval_ms ?? backgroundMs);
      const watcher = this.#watchers.get(id) ?? this.#newWatcher(parent);
      watcher.intervalMs = Math.max(shortestInterval, intervalMs || backgroundMs);
      Object.assign(watcher, { parent, heardMs: Date.now() });
      this.#watchers.set(id, watcher);
      this.#soon();
    }
    this.#adjust();
  }

  /** What the executor's sampler says. */
  take(message: FromSampler): void {
    if (message.kind === "description") {
      this.#description = message.description;
      for (const watcher of this.#watchers.values()) watcher.description = message.description;
    } else {
      const { timeMs, values } = message;
      this.#history.add(timeMs, values);
      for (const watcher of this.#watchers.values()) {
        watcher.values.add(timeMs, values);
        if (watcher.values.length > mostWaiting) watcher.values.thin(backgroundMs, timeMs);
      }
    }
    this.#soon();
  }

  /** A cell begins. */
  begin(msg_id: string, execution_count: number): void {
    this.#mark({ msg_id, execution_count, start_ms: Date.now() });
    this.#adjust();
  }

  /** A cell is over. */
  end(msg_id: string): void {
    const cell = this.#running.get(msg_id);
    if (cell) this.#mark({ ...cell, end_ms: Date.now() });
    this.#adjust();
  }

  #mark(cell: CellMark): void {
    if (cell.end_ms === undefined) this.#running.set(cell.msg_id, cell);
    else this.#running.delete(cell.msg_id);
    this.#history.mark(cell);
    for (const { cells } of this.#watchers.values()) cells.push(cell);
    this.#soon();
  }

  /** One who sees the past first. */
  #newWatcher(parent: Header): Watcher {
    const values = new Trails();
    values.append(this.#history.columns());
    const { cells } = this.#history;
    return { intervalMs: backgroundMs, heardMs: Date.now(), parent, description: this.#description, cells, values };
  }

  #adjust(): void {
    const intervals = [...this.#watchers.values()].map(({ intervalMs }) => intervalMs);
    if (this.#running.size > 0) intervals.push(backgroundMs);
    this.options.sample(intervals.length > 0 ? Math.min(...intervals) : 0);
  }

  #soon(): void {
    if (this.#watchers.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#flush()
        .catch((error) => log(`could not send samples: ${error}`))
        .finally(() => {
          this.#timer = undefined;
        });
    }, gatherMs);
  }

  #dismiss(id: string, { parent }: Watcher): void {
    this.#watchers.delete(id);
    const data = { reason: "nothing was heard from the front end: open it again" };
    this.options.send("comm_close", { comm_id: id, data }, parent, []);
    this.#adjust();
  }

  async #flush(): Promise<void> {
    for (const [id, watcher] of this.#watchers) {
      if (Date.now() - watcher.heardMs > leaseMs) {
        this.#dismiss(id, watcher);
        continue;
      }
      if (this.options.isCongested()) return; // the next sample comes with this one
      const { description, cells } = watcher;
      const values = watcher.values.columns();
      Object.assign(watcher, { description: undefined, cells: [], values: new Trails() });
      const send = (data: object, buffers: Uint8Array[] = []) =>
        this.options.send("comm_msg", { comm_id: id, data }, watcher.parent, buffers);
      if (description) send(description);
      for (const cell of cells) send({ cell });
      if (values.size > 0) send({}, [await sampleBytes(values)]);
    }
  }
}
