// With regard to what TensorFlow.js is computing gradients at the moment. Its tape does not tell.
import * as tf from "../tf";

/** One op on the tape. */
export interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Record<string, tf.Tensor>;
  readonly outputs: readonly tf.Tensor[];
  readonly saved: readonly tf.Tensor[];
  gradient?: (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
}

/** The inner parts of TensorFlow.js's engine that gradients go through. Not in its types; pinned with its version. */
export interface Engine {
  readonly state: {
    readonly activeTape?: readonly TapeNode[] | null;
    readonly gradientDepth: number;
    readonly kernelDepth: number;
    readonly profiling: boolean;
  };
  gradients(
    f: () => tf.Tensor,
    xs: tf.Tensor[],
    dy?: tf.Tensor | null,
    allowNoGradients?: boolean,
  ): { value: tf.Tensor; grads: (tf.Tensor | undefined)[] };
  runKernelFunc(invocation: {
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[];
    backwardsFunc?: (dys: unknown, saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
    inputs: Record<string, tf.Tensor>;
  }): tf.Tensor[];
}

export const engine = tf.engine() as unknown as Engine;

let current: readonly tf.Tensor[] = [];

const prototype = Object.getPrototypeOf(engine) as Engine;
const { gradients } = prototype;
prototype.gradients = function (f, xs, ...rest) {
  const outer = current;
  current = xs;
  try {
    return gradients.call(this, f, xs, ...rest);
  } finally {
    current = outer;
  }
};

/** Whether ops are taken down for gradients now. */
export const isTapeOn = (): boolean => engine.state.gradientDepth > 0 && engine.state.kernelDepth === 0;

const dependents = new WeakMap<object, { length: number; ids: Set<number> }>();

/** Numbers of the tensors that gradients are wanted for: what was asked for, and all that depends on it so far. */
export function wantedIds(): ReadonlySet<number> {
  const tape = engine.state.activeTape ?? [];
  let known = dependents.get(current);
  if (!known || known.length > tape.length) {
    known = { length: 0, ids: new Set(current.map(({ id }) => id)) };
    dependents.set(current, known);
  }
  const { ids } = known;
  for (; known.length < tape.length; known.length++) {
    const { inputs, outputs } = tape[known.length];
    if (Object.values(inputs).some(({ id }) => ids.has(id))) for (const { id } of outputs) ids.add(id);
  }
  return ids;
}
