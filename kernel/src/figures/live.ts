// A memory trace that is watched while it grows. A front end that shows it opens a comm and gets every event so far,
// then the new ones; with nobody watching, an event costs its row in the log.
import { randomUUID } from "node:crypto";
import { type Comm, type Displayable, type DisplayHandle, displaySymbol, type Host, host } from "./display";
import type { MemoryEvent } from "./memoryChunk";
import { MemoryLog } from "./memoryLog";
import { thinned } from "./memoryThin";
import { memoryBundle, memoryBytes } from "./memoryTrace";

export const liveTarget = "bestrq.live";

const running = new Map<string, LiveTrace>();
const served = new WeakSet<Host>();
const pauseMs = 100;

/**
 * A growing memory trace.
 *
 * @example
 * const trace = new figures.LiveTrace({ title: "One step" });
 * display(trace);
 * trace.append(events); // as often as you like
 * trace.finish();
 */
export class LiveTrace implements Displayable {
  readonly id = randomUUID();
  readonly title: string;
  readonly #log: MemoryLog;
  readonly #sent = new Map<Comm, number>();
  readonly #handles = new Set<DisplayHandle>();
  #done = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param options.log what the trace shows of; its own, if none is given */
  constructor({ title, log = new MemoryLog() }: { title: string; log?: MemoryLog }) {
    this.title = title;
    this.#log = log;
    running.set(this.id, this);
    serveLive();
  }

  /** Everything so far. */
  get events(): MemoryLog {
    return this.#log;
  }

  /** Adds events in order of time. Whoever watches sees them within a tenth of a second. @throws Error when finished */
  append(events: Iterable<MemoryEvent>): void {
    if (this.#done) throw new Error(`Cannot append to "${this.title}": the trace is finished`);
    for (const event of events) this.#log.append(event);
    this.grew();
  }

  /** Says that events were appended to the log that it shows. */
  grew(): void {
    if (this.#sent.size === 0 || this.#done) return;
    // A computation that never awaits lets no timer fire, so what is due is sent from here.
    const wait = this.#lastMs + pauseMs - performance.now();
    if (wait <= 0) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), wait).unref();
  }

  /** No more events: watchers are told, and where it was shown by `display`, the complete figure takes its place. */
  finish(): void {
    if (this.#done) return;
    this.#done = true;
    running.delete(this.id);
    this.#send();
    for (const comm of this.#sent.keys()) comm.close();
    this.#sent.clear();
    for (const handle of this.#handles) handle.update(this);
  }

  /** Sends everything to one more watcher, and keeps sending. */
  watch(comm: Comm): void {
    this.#sent.set(comm, 0);
    comm.onClose = () => this.#sent.delete(comm);
    this.#send();
  }

  [displaySymbol](handle?: DisplayHandle) {
    if (handle) this.#handles.add(handle);
    return memoryBundle(this.title, this.#log, { live: this.#done ? undefined : this.id });
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastMs = performance.now();
    const { length } = this.#log;
    for (const [comm, sent] of this.#sent) {
      if (sent === length && sent > 0 && !this.#done) continue;
      // A watcher that comes late to a long trace gets the past in short.
      const rows = sent === 0 ? thinned(this.#log).table() : this.#log.table(sent);
      comm.send({ id: this.id, done: this.#done }, [memoryBytes(rows)]);
      this.#sent.set(comm, length);
    }
  }
}

// One target for all traces. A trace that is not running here was finished, or belongs to a kernel that is gone:
// closing tells the front end to show what is stored.
function serveLive(): void {
  const kernel = host();
  if (!kernel || served.has(kernel)) return;
  served.add(kernel);
  kernel.registerTarget(liveTarget, (comm, data) => {
    const trace = running.get(String((data as { id?: unknown } | null)?.id));
    if (trace) trace.watch(comm);
    else comm.close({ reason: "this trace is not running" });
  });
}
