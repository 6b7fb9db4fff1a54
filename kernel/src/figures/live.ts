// A memory trace that is watched while it grows. A front end that shows it opens a comm and gets every event so far,
// then the new ones; with nobody watching, an event costs one push into a list.
import { randomUUID } from "node:crypto";
import { type Comm, type Displayable, type DisplayHandle, displaySymbol, type Host, host } from "./display";
import { type MemoryEvent, memoryTable } from "./memoryTable";
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
  readonly #events: MemoryEvent[] = [];
  readonly #sent = new Map<Comm, number>();
  readonly #handles = new Set<DisplayHandle>();
  #done = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor({ title }: { title: string }) {
    this.title = title;
    running.set(this.id, this);
    serveLive();
  }

  /** Everything so far. */
  get events(): readonly MemoryEvent[] {
    return this.#events;
  }

  /** Adds events in order of time. Whoever watches sees them within a tenth of a second. @throws Error when finished */
  append(events: Iterable<MemoryEvent>): void {
    if (this.#done) throw new Error(`Cannot append to "${this.title}": the trace is finished`);
    for (const event of events) this.#events.push(event);
    if (this.#sent.size === 0) return;
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
    return memoryBundle(this.title, memoryTable(this.#events), this.#done ? undefined : this.id);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastMs = performance.now();
    for (const [comm, sent] of this.#sent) {
      if (sent === this.#events.length && sent > 0 && !this.#done) continue;
      comm.send({ id: this.id, done: this.#done }, [memoryBytes(memoryTable(this.#events.slice(sent)))]);
      this.#sent.set(comm, this.#events.length);
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
