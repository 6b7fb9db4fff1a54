// An hour of attention is half a million ops, each on the tape of gradients: these keep what is held of each small.
import * as tf from "../tf";
import { tape } from "./tape";

/** The inner parts of TensorFlow.js's engine that are replaced. Not in its types; pinned with its version. */
interface Engine {
  readonly state: { readonly gradientDepth: number; readonly kernelDepth: number };
  clone(x: tf.Tensor): tf.Tensor;
  trackTensor(x: tf.Tensor, backend?: unknown): void;
}
type Laid = Pick<tf.Tensor, "shape" | "strides">;

/** Methods of the engine that do the same in less memory, while planning. */
export function frugal(): Pick<Engine, "clone" | "trackTensor"> & typeof tape {
  const { clone, trackTensor } = Object.getPrototypeOf(tf.engine()) as Engine;
  const known = new Map<string, Laid>();
  return {
    ...tape,
    // What an op keeps for its gradient, it clones, and each clone comes on the tape. Gradients of gradients alone look
    // for it there.
    clone(this: Engine, x) {
      const isKept = this.state.kernelDepth > 0 && this.state.gradientDepth === 1;
      return isKept ? tf.engine().runKernel(tf.Identity, { x }) : clone.call(this, x);
    },
    // Equal shapes are one array.
    trackTensor(this: Engine, x, backend) {
      const key = x.shape.join();
      const laid = known.get(key);
      if (laid) Object.assign(x, laid);
      else known.set(key, { shape: x.shape, strides: x.strides });
      trackTensor.call(this, x, backend);
    },
  };
}
