import { writeFile } from "node:fs/promises";
import {
  bytes,
  type Displayable,
  type Drawable,
  displaySymbol,
  type Figure,
  type MemoryLog,
  type MemoryTable,
  memoryTrace,
  type StackedBy,
} from "../figures";
import { Lifetimes, type RecordedTensor, type Sum } from "./lifetimes";
import { Listing } from "./listing";

/** Facts about a recording beside its events. */
export interface Recording {
  readonly title: string;
  /** The first so many tensors were alive before. */
  readonly held: number;
  /** Numbers of the tensors in what the body returned. */
  readonly returned: readonly number[];
  /** Numbers of the tensors that are values of variables in the end. */
  readonly variables: readonly number[];
}

/** Tensors alike that were not released. */
export interface KeptTensors extends Pick<RecordedTensor, "layer" | "op" | "kind" | "shape" | "dtype"> {
  readonly tensors: number;
  readonly bytes: number;
  /** Who has them: what the body returned, a variable, or nobody that is known of, as where they are leaked. */
  readonly holder: "result" | "variable" | "nobody";
}

/** What a run allocated, when, where and what for. A notebook shows it as a trace over time. */
export class MemoryProfile<R> implements Displayable, Drawable {
  private known?: Lifetimes;

  constructor(
    private readonly recording: Recording,
    /** What the body returned. */
    readonly result: R,
    /** Every allocation and release, in order: one by one, or all as a table. */
    readonly events: MemoryLog,
  ) {}

  get title(): string {
    return this.recording.title;
  }

  /** Most bytes alive at once, those of `held` tensors included. */
  get peakBytes(): number {
    return this.lifetimes.peak.bytes;
  }

  /** When that was first reached, in milliseconds since recording began. */
  get peakMs(): number {
    const { row } = this.lifetimes.peak;
    return row < 0 ? 0 : this.events.at(row).timeUs / 1000;
  }

  /** Bytes of the `held` tensors. */
  get heldBytes(): number {
    const { held } = this.recording;
    return held > 0 ? this.events.at(held - 1).liveBytes : 0;
  }

  /** Bytes that the body allocated and did not release. */
  get keptBytes(): number {
    return this.books.alive - this.heldBytes;
  }

  /** All bytes allocated, those of `held` tensors included, all released, and those alive at the end: what is left. */
  get books(): { readonly allocated: number; readonly released: number; readonly alive: number } {
    const { length } = this.events;
    return { ...this.lifetimes.turnover, alive: length > 0 ? this.events.at(length - 1).liveBytes : 0 };
  }

  /** Bytes alive at the peak by layer, largest first. */
  get atPeak(): readonly { readonly layer: string; readonly bytes: number }[] {
    return this.alivePeak("layer").map(({ name, bytes }) => ({ layer: name, bytes }));
  }

  /** The trace over time, stacked by layer, by op or by kind; in JupyterLab the reader can switch. */
  trace(by: StackedBy = "layer"): Figure {
    return memoryTrace({ title: this.title, events: this.events, by });
  }

  /** What is alive at the peak, by layer, by op or by kind. */
  alive(by: StackedBy = "layer"): Listing<Sum & { readonly share: number }> {
    const rows = this.alivePeak(by).map((sum) => ({ ...sum, share: sum.bytes / this.peakBytes }));
    return new Listing(`${this.title}: alive at the peak of ${bytes(this.peakBytes)}`, rows, [
      { key: "name", label: by, format: named },
      memory,
      { key: "share", format: (share) => `${(100 * Number(share)).toFixed(1)} %` },
      "tensors",
    ]);
  }

  /** The largest tensors of the whole run, with where they came from. */
  largest(count = 20): Listing<RecordedTensor> {
    const moment = { format: (value: unknown) => (value === undefined ? "never" : Number(value).toFixed(1)) };
    return new Listing(`${this.title}: the largest tensors`, this.lifetimes.largest(count), [
      memory,
      shape,
      "dtype",
      "kind",
      { key: "op", format: named },
      { key: "layer", format: named },
      { key: "allocatedMs", label: "allocated (ms)", ...moment },
      { key: "releasedMs", label: "released (ms)", ...moment },
    ]);
  }

  /** What the body allocated and did not release: leaks, where nobody has it. Alike ones are added up. */
  kept(): Listing<KeptTensors> {
    const { held, returned, variables } = this.recording;
    const holders = new Map<number, KeptTensors["holder"]>([
      ...variables.map((tensor) => [tensor, "variable"] as const),
      ...returned.map((tensor) => [tensor, "result"] as const),
    ]);
    const alike = new Map<string, KeptTensors>();
    for (const one of this.lifetimes.kept().filter((tensor) => tensor > held)) {
      const { layer, op, kind, shape, dtype, bytes } = this.lifetimes.tensor(one);
      const like = { layer, op, kind, shape, dtype, holder: holders.get(one) ?? "nobody" };
      const sum = alike.get(JSON.stringify(like));
      alike.set(JSON.stringify(like), { ...like, tensors: (sum?.tensors ?? 0) + 1, bytes: (sum?.bytes ?? 0) + bytes });
    }
    const order = ["nobody", "result", "variable"];
    const rows = [...alike.values()].sort(
      (a, b) => order.indexOf(a.holder) - order.indexOf(b.holder) || b.bytes - a.bytes,
    );
    return new Listing(`${this.title}: never released`, rows, [
      memory,
      "tensors",
      shape,
      "dtype",
      "kind",
      { key: "op", format: named },
      { key: "layer", format: named },
      { key: "holder", label: "held by" },
    ]);
  }

  /** What another run has alive at its peak more or less than this one, by layer, by op or by kind. */
  difference(other: MemoryProfile<unknown>, by: StackedBy = "layer"): Listing<Difference> {
    const [mine, its] = [this, other].map((one) => new Map(one.alivePeak(by).map((sum) => [sum.name, sum.bytes])));
    const rows = [...new Set([...mine.keys(), ...its.keys()])].map((name) => {
      const [before, after] = [mine.get(name) ?? 0, its.get(name) ?? 0];
      return { name, before, after, difference: after - before };
    });
    rows.sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
    const [before, after] = [this.peakBytes, other.peakBytes];
    return new Listing(
      `At the peak: ${this.title}, and ${other.title}`,
      [{ name: "all", before, after, difference: after - before }, ...rows],
      [
        { key: "name", label: by, format: named },
        { key: "before", label: this.title, format: size },
        { key: "after", label: other.title, format: size },
        { key: "difference", format: (value) => `${Number(value) > 0 ? "+" : ""}${size(value)}` },
      ],
    );
  }

  /** Every event as an Arrow table; see `figures.memoryTable` for its columns. */
  toArrow(): MemoryTable {
    return this.events.table();
  }

  /** Writes the events to a file, as an Arrow IPC stream that `profile.load`, and any Arrow library, reads. */
  async save(path: string): Promise<void> {
    await writeFile(path, this.events.toIPC({ ...this.recording }));
  }

  figure(): Figure {
    return this.trace();
  }

  [displaySymbol]() {
    return this.figure()[displaySymbol]();
  }

  private alivePeak(by: StackedBy): Sum[] {
    return this.lifetimes.sums(this.lifetimes.aliveAfter(this.lifetimes.peak.row), by).filter((sum) => sum.bytes > 0);
  }

  private get lifetimes(): Lifetimes {
    this.known ??= new Lifetimes(this.events);
    return this.known;
  }
}

/** Bytes alive at the peaks of two runs. */
export interface Difference {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly difference: number;
}

const size = (value: unknown) => bytes(Number(value));
const memory = { key: "bytes", label: "memory", format: size };
const named = (value: unknown) => String(value) || "(none)";
const shape = { key: "shape", format: (value: unknown) => `[${(value as number[]).join(",")}]` };
