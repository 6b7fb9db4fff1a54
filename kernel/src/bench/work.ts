// What is timed: the same work as anyone's encoder does that stands beside ours.
import { BestRq, type Features, type MixerName, type Size } from "../bestrq";
import { Random, tf } from "../tensor";
import { gradientsOf } from "../train";

/** Inference, or a training step without its optimizer: forward and back to every parameter, gradients dropped. */
export type Work = "forward" | "train";

/** One thing to measure. */
export interface Case {
  readonly work: Work;
  readonly mixer: MixerName;
  readonly size: Size;
  /** Length of the audio that the features would come from: 100 frames each. */
  readonly seconds: number;
  /** Utterances at once, all of that length. */
  readonly batch: number;
}

/**
 * Features [batch, 100 · seconds, 80] of noise, the model, and one pass: front end, encoder, head on all frames, without
 * masking and dropout. The loss of `train` is the mean over frames of the logits' log-sum-exp.
 */
export class Workload {
  readonly model: BestRq;
  private readonly features: Features;

  constructor(private readonly task: Case) {
    const { mixer, size, seconds, batch } = task;
    this.model = new BestRq({ mixer, size, seed: 1 });
    const frames = Math.round(100 * seconds);
    const features = new Random(2).normal([batch, frames, this.model.config.mels], 0, 1) as tf.Tensor3D;
    this.features = { features, lengths: new Array<number>(batch).fill(frames) };
  }

  /** Floating-point operations of a pass, products and convolutions alone; back-propagation costs twice the forward pass. */
  get flops(): number {
    const { work, batch } = this.task;
    return batch * this.model.flops(this.features.lengths[0]) * (work === "train" ? 3 : 1);
  }

  /** What is alive before a pass: parameters and input. */
  get held(): [path: string, tensor: tf.Tensor][] {
    return [...this.model.entries(), ["features", this.features.features]];
  }

  /** Does the work once. Reading one number waits for devices that compute beside the program. */
  async pass(): Promise<void> {
    const result = this.task.work === "train" ? this.step() : tf.tidy(() => this.logits().slice([0, 0, 0], [1, 1, 1]));
    await result.data();
    result.dispose();
  }

  dispose(): void {
    this.model.dispose();
    this.features.features.dispose();
  }

  private logits(): tf.Tensor3D {
    return this.model.head(this.model.encode(this.features));
  }

  private step(): tf.Tensor {
    const loss = () => tf.logSumExp(this.logits(), -1).mean() as tf.Scalar;
    const variables = this.model.entries().map(([, variable]) => variable);
    const { value, gradients } = gradientsOf(loss, variables);
    tf.dispose(gradients);
    return value;
  }
}
