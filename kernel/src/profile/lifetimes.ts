// From events to tensors: when each was allocated and released, and what was alive at the peak.
import type { MemoryChunk, MemoryEvent, MemoryLog, StackedBy } from "../figures";

/** A tensor in the account. */
export interface RecordedTensor {
  /** Its number in the log. */
  readonly tensor: number;
  readonly bytes: number;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The op that allocated it; empty where none did. */
  readonly op: string;
  /** Path of the layer that did. */
  readonly layer: string;
  readonly kind: string;
  readonly phase: string;
  /** Milliseconds since recording began. */
  readonly allocatedMs: number;
  /** Undefined where it was not released. */
  readonly releasedMs?: number;
}

/** Tensors added up. */
export interface Sum {
  /** A layer, an op or a kind. */
  readonly name: string;
  readonly bytes: number;
  readonly tensors: number;
}

const never = 2 ** 32 - 1;

/** The tensors of a log, which numbers them from 1 as they are allocated; 16 bytes each. */
export class Lifetimes {
  /** Most bytes alive at once, and the row of the log that led to them; -1 where nothing was allocated. */
  readonly peak = { row: -1, bytes: 0 };
  /** Bytes of all allocations, and of all releases. */
  readonly turnover = { allocated: 0, released: 0 };
  /** How many tensors there are. */
  readonly count: number;
  private readonly bytes: Float64Array;
  private readonly born: Uint32Array;
  private readonly died: Uint32Array;

  constructor(private readonly log: MemoryLog) {
    const most = log.length + 1;
    const [bytes, born, died] = [new Float64Array(most), new Uint32Array(most), new Uint32Array(most).fill(never)];
    let count = 0;
    for (const { first, length, tensor, deltaBytes, liveBytes } of log.chunks()) {
      for (let at = 0; at < length; at++) {
        const [row, one] = [first + at, tensor[at]];
        if (row === 0 || liveBytes[at] > this.peak.bytes) Object.assign(this.peak, { row, bytes: liveBytes[at] });
        if (one === count + 1) {
          count = one;
          bytes[one] = deltaBytes[at];
          born[one] = row;
          this.turnover.allocated += deltaBytes[at];
        } else {
          died[one] = row;
          this.turnover.released -= deltaBytes[at];
        }
      }
    }
    this.count = count;
    this.bytes = bytes.slice(0, count + 1);
    this.born = born.slice(0, count + 1);
    this.died = died.slice(0, count + 1);
  }

  /** Numbers of the tensors that were alive after a row of the log. */
  aliveAfter(row: number): number[] {
    return this.numbers((one) => this.born[one] <= row && this.died[one] > row);
  }

  /** Numbers of the tensors that were not released. */
  kept(): number[] {
    return this.numbers((one) => this.died[one] === never);
  }

  /** The largest of some tensors, of all by default; equal ones in the order of allocation. */
  largest(count: number, among = this.numbers(() => true)): RecordedTensor[] {
    const order = [...among].sort((a, b) => this.bytes[b] - this.bytes[a] || a - b);
    return order.slice(0, count).map((one) => this.tensor(one));
  }

  /** Bytes of some tensors, added up by a column of the log: by name, largest first. */
  sums(among: readonly number[], by: StackedBy): Sum[] {
    const sums = new Map<string, { name: string; bytes: number; tensors: number }>();
    let chunk: MemoryChunk | undefined;
    for (const one of among) {
      const row = this.born[one]; // rises: tensors are numbered as they are allocated
      if (!chunk || row >= chunk.first + chunk.length) chunk = this.log.chunkAt(row);
      const name = this.log.words[by][chunk[by][row - chunk.first]];
      const sum = sums.get(name) ?? { name, bytes: 0, tensors: 0 };
      sum.bytes += this.bytes[one];
      sum.tensors++;
      sums.set(name, sum);
    }
    return [...sums.values()].sort((a, b) => b.bytes - a.bytes);
  }

  /** What is known of one tensor. */
  tensor(one: number): RecordedTensor {
    const { shape, dtype, op, layer, kind, phase, timeUs } = this.log.at(this.born[one]) as Required<MemoryEvent>;
    const died = this.died[one];
    const releasedMs = died === never ? undefined : this.log.at(died).timeUs / 1000;
    return {
      tensor: one,
      bytes: this.bytes[one],
      shape,
      dtype,
      op,
      layer,
      kind,
      phase,
      allocatedMs: timeUs / 1000,
      releasedMs,
    };
  }

  private numbers(which: (tensor: number) => boolean): number[] {
    const numbers: number[] = [];
    for (let one = 1; one <= this.count; one++) if (which(one)) numbers.push(one);
    return numbers;
  }
}
