import type { PretrainStep } from "../pretrain";
import type { Signature } from "../signatures/signature";

/** One step of a run: what there is to say of it once it is done. */
export interface StepMetrics extends PretrainStep {
  /** Times that the corpus was gone through before: 0, 1, … */
  readonly epoch: number;
  /** Share of the codebook that was the target of a masked frame in the last steps ({@link CodeUse}). */
  readonly codesInUse: number;
  /** Share of the codebook that the model guessed for a masked frame in the last steps. */
  readonly codesGuessed: number;
  /** Seconds of audio in this step's batches. */
  readonly audioSeconds: number;
  /** Seconds of audio for one second of the clock. */
  readonly audioPerSecond: number;
  /** Most memory that the process had in this step, in bytes (RSS); where the system is not Linux, so far. */
  readonly peakBytes: number;
  /** Over the validation set, where it was measured after this step. */
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** What {@link Watch} found at this step. */
  readonly signatures?: readonly Signature[];
}

/** Where the metrics of a run go. */
export interface MetricsSink {
  /** Takes one step. */
  add(metrics: StepMetrics): void;
  /** Nothing comes after this. */
  close(): void;
}
