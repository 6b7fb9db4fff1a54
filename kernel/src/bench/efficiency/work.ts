// What is timed, and what is around it.
import { filterbank } from "../../audio";
import { BestRq, type Features } from "../../bestrq";
import { foresee } from "../../profile";
import { Random, tf } from "../../tensor";
import type { Point } from "./points";

const sampleRate = 16_000;

/** The part of TensorFlow.js's engine that `tf.variableGrads` calls. Not in its types; pinned with its version. */
interface Engine {
  gradients(f: () => tf.Tensor, xs: tf.Tensor[], dy: undefined, allowNoGradients: true): { value: tf.Tensor };
}

/**
 * A model and its input. As in the authors' program, a pass is front end, encoder and head on all frames, in training
 * mode with dropout; layer drop is off here, so that every pass does the same. Features are a filterbank of uniform
 * noise, and the quantizer's targets are computed from them: both before what is timed, but within the peak of memory.
 */
export class Pass {
  readonly model: BestRq;
  private readonly random = new Random(3);

  constructor(
    private readonly point: Omit<Point, "planned">,
    featuresOf: (point: Omit<Point, "planned">) => tf.Tensor3D = noise,
  ) {
    const { mixer, size, batch } = point;
    this.model = new BestRq({ mixer, size, seed: 1, layerDrop: 0 });
    const features = featuresOf(point);
    this.input = { features, lengths: new Array<number>(batch).fill(features.shape[1]) };
  }

  readonly input: Features;

  /** What is alive before a pass. */
  get held(): [path: string, tensor: tf.Tensor][] {
    return [...this.model.entries(), ["features", this.input.features]];
  }

  /** What is in memory beside the pass: the quantizer's targets, of which the authors' peak has a part. */
  aside(): void {
    if (this.point.work === "training forward") this.model.quantizer.targets(this.input.features).dispose();
  }

  /** One pass; gives a number of the result, to be read by who wants to know when it is there. */
  run(): tf.Tensor {
    if (this.point.work === "inference") return tf.tidy(() => this.part(undefined));
    let result!: tf.Tensor;
    const forward = () => {
      result = tf.keep(this.part(this.random));
      return tf.scalar(0); // on which nothing depends: what was kept for the backward pass is let go
    };
    const variables = this.model.entries().map(([, variable]) => variable);
    (tf.engine() as unknown as Engine).gradients(forward, variables, undefined, true).value.dispose();
    return result;
  }

  dispose(): void {
    this.model.dispose();
    this.input.features.dispose();
  }

  private part(random: Random | undefined): tf.Tensor {
    const logits = this.model.head(this.model.encode(this.input, { random }));
    return logits.slice([0, 0, 0], [1, 1, 1]);
  }
}

const framesOf = (seconds: number): number => 1 + Math.floor(100 * seconds);

/** Features of noise, uniform in [0, 1). */
function noise({ seconds, batch }: Omit<Point, "planned">): tf.Tensor3D {
  const random = new Random(2);
  return tf.tidy(() => {
    const one = () => filterbank(Float32Array.from({ length: Math.round(sampleRate * seconds) }, () => random.next()));
    return tf.stack(Array.from({ length: batch }, () => tf.tidy(one))) as tf.Tensor3D;
  });
}

/** Most bytes of tensors alive at once, op by op, as `profile.memory` would count them; and the operations of a pass. */
export function planned(point: Omit<Point, "planned">): { bytes: number; flops: number; parameters: number } {
  const shapes = ({ seconds, batch }: typeof point) => tf.fill([batch, framesOf(seconds), 80], 0) as tf.Tensor3D;
  let parameters = 0;
  const { trace, operations } = foresee("Planned", () => {
    const pass = new Pass(point, shapes);
    parameters = pass.model.parameterCount;
    const run = () => {
      pass.aside();
      pass.run().dispose();
    };
    return { held: pass.held, run };
  });
  return { bytes: trace.peakBytes, flops: operations.products, parameters };
}
