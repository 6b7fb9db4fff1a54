// The speech of a run: which utterances make the batches of a step, read before the step needs them.
import type { Features } from "../../bestrq";
import { epochBatches, type FeatureSource, type LoadedFeatures } from "../../corpora";
import { type Random, tf } from "../../tensor";
import type { BatchFields } from "../recipe";
import type { Normaliser } from "./normaliser";

/** A place in the data: so many epochs are over, and so many batches of the one that goes on. */
export interface Position {
  readonly epoch: number;
  readonly batch: number;
}

/** One batch, read. */
export interface LoadedBatch {
  /** Which of the step's batches it is. */
  readonly index: number;
  readonly epoch: number;
  /** Features [T, mels] of each utterance. */
  readonly utterances: readonly Float32Array[];
}

/** This process's part of a step. */
export interface StepData {
  readonly batches: readonly LoadedBatch[];
  /** Of the step's first batch, over all processes. */
  readonly epoch: number;
  /** Where the next step begins. */
  readonly after: Position;
}

/** Which process computes which batches: batch i is process i % size's. */
export interface Part {
  readonly rank: number;
  readonly size: number;
}

/** Who is told of what could not be read. */
export type OnSkipped = (skipped: LoadedFeatures["skipped"]) => void;

/** A front end takes four frames to one, and a mask hides one of them at least. */
const fewestFrames = 8;

/** Deals utterances to the steps of a run, from a position on, one step ahead of need. */
export class TrainingData {
  private epoch?: { readonly number: number; readonly batches: number[][] };
  private ahead?: Promise<StepData>;

  /**
   * @param accumulation batches of a step, over all processes
   * @param random the order of epoch e is that of its fork "epoch e"
   */
  constructor(
    private readonly source: FeatureSource,
    private readonly utterances: readonly number[],
    private readonly fields: BatchFields,
    private readonly accumulation: number,
    private readonly part: Part,
    private readonly random: Random,
    private position: Position,
    private readonly onSkipped: OnSkipped,
  ) {}

  /** The data of the next step; those of the one after begin to be read. */
  async next(): Promise<StepData> {
    const current = await (this.ahead ?? this.read());
    this.ahead = this.read();
    this.ahead.catch(() => {}); // told when it is that step's turn
    return current;
  }

  private async read(): Promise<StepData> {
    const epoch = this.place().epoch;
    const own: Promise<LoadedBatch>[] = [];
    for (let index = 0; index < this.accumulation; index++) {
      const { epoch, batch } = this.place();
      const utterances = this.batchesOf(epoch)[batch];
      this.position = { epoch, batch: batch + 1 };
      if (index % this.part.size !== this.part.rank) continue;
      own.push(this.load(utterances).then((utterances) => ({ index, epoch, utterances })));
    }
    const after = this.place();
    return { batches: await Promise.all(own), epoch, after };
  }

  private async load(indices: readonly number[]): Promise<Float32Array[]> {
    const { features, mels, skipped } = await this.source.load(indices);
    if (skipped.length > 0) this.onSkipped(skipped);
    return features.filter(({ length }) => length >= fewestFrames * mels); // a file may have become shorter
  }

  /** The position, at the beginning of an epoch rather than behind the end of one. */
  private place(): Position {
    const { epoch, batch } = this.position;
    if (batch < this.batchesOf(epoch).length) return this.position;
    return { epoch: epoch + 1, batch: 0 };
  }

  private batchesOf(epoch: number): number[][] {
    if (this.epoch?.number !== epoch) {
      const random = this.random.fork(`epoch ${epoch}`);
      const batches = epochBatches(this.source.seconds, this.utterances, this.fields, random);
      this.epoch = { number: epoch, batches };
    }
    return this.epoch.batches;
  }
}

/**
 * Utterances as one batch, normalised. Its length is rounded up, so that a corpus has a few dozen lengths of batches: each
 * is compiled once. The caller disposes it.
 */
export function batchOf(utterances: readonly Float32Array[], mels: number, normaliser: Normaliser): Features {
  const lengths = utterances.map(({ length }) => length / mels);
  const frames = roundedUp(Math.max(...lengths));
  const values = new Float32Array(utterances.length * frames * mels);
  for (const [index, one] of utterances.entries()) normaliser.apply(one, values, index * frames * mels);
  return { features: tf.tensor3d(values, [utterances.length, frames, mels]), lengths };
}

/** To a multiple of 4, and to one of eight lengths between a power of two and the next: an eighth longer at most. */
export function roundedUp(frames: number): number {
  const unit = Math.max(4, 2 ** (Math.floor(Math.log2(frames)) - 3));
  return Math.ceil(frames / unit) * unit;
}
