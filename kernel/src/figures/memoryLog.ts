// The log of allocations: typed columns that grow by chunks, so that a million events are a few dozen arrays. Of a log that
// goes on growing, the oldest chunks go to a temporary file.
import { type Table, tableFromIPC } from "apache-arrow";
import { factsIn, ipc } from "./arrow";
import { chunkFrom, eventsOf, type MemoryTable, shapeOf, tableOf } from "./memoryArrow";
import { chunkOf, type MemoryChunk, type MemoryEvent, rowsOf, type Words } from "./memoryChunk";
import { Spill } from "./memorySpill";

const rowsOfChunk = 16_384; // 0.9 MB

/** Texts, each once, and their places in the list. */
class Dictionary {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();
  /** Asked for last: mostly what comes next, too. */
  #word: string | undefined;
  #place = 0;

  placeOf(word: string): number {
    if (word !== this.#word) {
      this.#word = undefined; // an interrupt may come between any two lines
      this.#place = this.#find(word);
      this.#word = word;
    }
    return this.#place;
  }

  #find(word: string): number {
    const known = this.#places.get(word);
    if (known !== undefined) return known;
    this.#places.set(word, this.list.length);
    return this.list.push(word) - 1;
  }
}

/** The same for shapes, which are found by their sizes: to write the text of each event's is slow. */
class Shapes {
  readonly list: string[] = [];
  readonly #alike = new Map<number, { readonly shape: readonly number[]; readonly place: number }[]>();

  placeOf(shape: readonly number[]): number {
    let hash = shape.length;
    for (let axis = 0; axis < shape.length; axis++) hash = (31 * hash + shape[axis]) | 0;
    const alike = this.#alike.get(hash) ?? [];
    for (const known of alike) if (isSame(known.shape, shape)) return known.place;
    const place = this.list.push(`[${shape.join(", ")}]`) - 1;
    this.#alike.set(hash, [...alike, { shape: [...shape], place }]);
    return place;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/**
 * Allocations and releases in the order of time: 52 bytes each, readable at any moment while more are appended. Gives
 * {@link MemoryEvent}s one by one, or all as an Arrow table.
 */
export class MemoryLog implements Iterable<MemoryEvent> {
  readonly #dictionaries = {
    op: new Dictionary(),
    layer: new Dictionary(),
    phase: new Dictionary(),
    kind: new Dictionary(),
    shape: new Shapes(),
    dtype: new Dictionary(),
  };
  readonly #chunksInMemory: number;
  readonly #spill = new Spill();
  /** Those that were spilt are missing. */
  readonly #chunks: (MemoryChunk | undefined)[] = [];
  /** Of each tensor, the place of its kind + 1; 0 where it was not told. */
  #kinds = new Uint16Array(1024);
  #length = 0;

  /** @param options.inMemory events that stay in memory (default: half a million); older ones go to a temporary file */
  constructor({ inMemory = 2 ** 19 }: { readonly inMemory?: number } = {}) {
    this.#chunksInMemory = Math.max(1, Math.ceil(inMemory / rowsOfChunk));
  }

  /** The log of given events, or of a table of them. @throws TypeError naming the column that a table lacks */
  static from(events: Iterable<MemoryEvent> | MemoryTable): MemoryLog {
    if (events instanceof MemoryLog) return events;
    const log = new MemoryLog();
    for (const event of "getChild" in events ? eventsOf(events) : events) log.append(event);
    return log;
  }

  /** The log that {@link toIPC} wrote, and the facts beside it. @throws Error where the bytes are none */
  static fromIPC(bytes: Uint8Array): { log: MemoryLog; facts: Record<string, unknown> } {
    const table = tableFromIPC(bytes);
    return { log: MemoryLog.from(table as MemoryTable), facts: factsIn(table) };
  }

  /** How many events there are. */
  get length(): number {
    return this.#length;
  }

  /** The texts that chunks refer to, by column. */
  get words(): Words {
    const { op, layer, phase, kind, shape, dtype } = this.#dictionaries;
    return { op: op.list, layer: layer.list, phase: phase.list, kind: kind.list, shape: shape.list, dtype: dtype.list };
  }

  /** Writes one more event. */
  append({ timeUs, deltaBytes, liveBytes, op, layer, phase, kind = "", shape, dtype, tensor = 0 }: MemoryEvent): void {
    const row = this.#length % rowsOfChunk;
    const chunk = this.#room(this.#length);
    const words = this.#dictionaries;
    chunk.timeUs[row] = timeUs;
    chunk.deltaBytes[row] = deltaBytes;
    chunk.liveBytes[row] = liveBytes;
    chunk.op[row] = words.op.placeOf(op);
    chunk.layer[row] = words.layer.placeOf(layer);
    chunk.phase[row] = words.phase.placeOf(phase);
    chunk.kind[row] = words.kind.placeOf(kind);
    chunk.shape[row] = words.shape.placeOf(shape);
    chunk.dtype[row] = words.dtype.placeOf(dtype);
    chunk.tensor[row] = tensor;
    if (tensor > 0) this.classify(tensor, kind);
    this.#length++; // last: what was cut off before has not happened
  }

  /** Says what a tensor is for, once that is known: all its events then tell it. */
  classify(tensor: number, kind: string): void {
    if (tensor >= this.#kinds.length) {
      const longer = new Uint16Array(2 * tensor);
      longer.set(this.#kinds);
      this.#kinds = longer;
    }
    this.#kinds[tensor] = this.#dictionaries.kind.placeOf(kind) + 1;
  }

  /** The columns from a row on, some thousand rows at a time. */
  *chunks(from = 0): Generator<MemoryChunk> {
    for (let row = from; row < this.#length; ) {
      const chunk = this.chunkAt(row);
      yield rowsOf(chunk, row - chunk.first, chunk.length);
      row = chunk.first + chunk.length;
    }
  }

  /** The chunk that a row is in. */
  chunkAt(row: number): MemoryChunk {
    const index = Math.floor(row / rowsOfChunk);
    const first = index * rowsOfChunk;
    const whole = this.#chunks[index] ?? chunkFrom(this.#spill.read(index), first);
    const chunk = rowsOf(whole, 0, Math.min(rowsOfChunk, this.#length - first));
    const kind = chunk.kind.map((written, at) => (this.#kinds[chunk.tensor[at]] || written + 1) - 1);
    return { ...chunk, kind };
  }

  /** The event of a row. */
  at(row: number): MemoryEvent {
    const chunk = this.chunkAt(row);
    return this.#event(chunk, row - chunk.first);
  }

  /** All events in order. */
  *[Symbol.iterator](): Generator<MemoryEvent> {
    for (const chunk of this.chunks()) for (let row = 0; row < chunk.length; row++) yield this.#event(chunk, row);
  }

  /** The events from a row on as an Arrow table, with the columns of {@link memoryTable}. */
  table(from = 0): MemoryTable {
    return tableOf([...this.chunks(from)], this.words);
  }

  /** The whole table as an Arrow IPC stream, with facts as JSON in the schema's metadata. */
  toIPC(facts: Record<string, unknown> = {}): Uint8Array {
    return ipc(this.table() as Table, facts);
  }

  #event(chunk: MemoryChunk, at: number): MemoryEvent {
    const { op, layer, phase, kind, shape, dtype } = this.words;
    return {
      timeUs: chunk.timeUs[at],
      deltaBytes: chunk.deltaBytes[at],
      liveBytes: chunk.liveBytes[at],
      op: op[chunk.op[at]],
      layer: layer[chunk.layer[at]],
      phase: phase[chunk.phase[at]],
      kind: kind[chunk.kind[at]],
      shape: shapeOf(shape[chunk.shape[at]]),
      dtype: dtype[chunk.dtype[at]],
      tensor: chunk.tensor[at],
    };
  }

  /** The chunk that a row is written to; made, and an old one put away, where it is the first. */
  #room(row: number): MemoryChunk {
    const index = Math.floor(row / rowsOfChunk);
    const found = this.#chunks[index];
    if (found) return found;
    const oldest = this.#spill.length;
    if (index - oldest >= this.#chunksInMemory) {
      const table = tableOf([this.#chunks[oldest] as MemoryChunk], this.words);
      this.#spill.write(ipc(table as Table, {}));
      this.#chunks[oldest] = undefined;
    }
    const [numbers, integers] = [() => new Float64Array(rowsOfChunk), () => new Int32Array(rowsOfChunk)];
    const chunk = chunkOf(index * rowsOfChunk, rowsOfChunk, numbers, integers);
    this.#chunks[index] = chunk;
    return chunk;
  }
}
