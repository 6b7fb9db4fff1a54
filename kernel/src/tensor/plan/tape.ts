// The tape of gradients, and the way back along it, as TensorFlow.js's engine has them, in less memory: an
// hour of attention is half a million ops.
import * as tf from "../tf";
import { shapeOnly } from "./backend";

/** The inner parts of TensorFlow.js's engine that gradients go through. Not in its types; pinned with its version. */
interface Engine {
  readonly state: { activeTape: Op[] | null; readonly gradientDepth: number };
  startTape(): void;
  endTape(): void;
  scopedRun<R>(start: () => void, end: () => void, body: () => R): R;
  tidy<R>(name: string, body: () => R): R;
}
type Gradients = Record<string, () => tf.Tensor>;
type GradientOf = (dy: tf.Tensor | tf.Tensor[], saved: tf.Tensor[], attributes?: object) => Gradients;

/** An op on the tape. The engine's has all tensors that it met; of most this one has the number alone. */
class Op {
  constructor(
    readonly kernelName: string,
    readonly inputs: Readonly<Record<string, number>>,
    readonly outputs: readonly number[],
    readonly saved: tf.Tensor[],
    private readonly gradientOf: GradientOf | undefined,
    private readonly attributes: object | undefined,
    /** Of the outputs, where there are several: back-propagation may come from some of them only. */
    private readonly made: readonly tf.Tensor[] | undefined,
  ) {}

  /** Whether any of these is among its inputs. */
  takes(ids: ReadonlySet<number>): boolean {
    for (const name in this.inputs) if (ids.has(this.inputs[name])) return true;
    return false;
  }

  /** By its inputs, where those by its outputs are given. */
  gradient(given: readonly (tf.Tensor | undefined)[]): Gradients {
    if (!this.gradientOf) throw new Error(`Cannot plan gradients: ${this.kernelName} has none`);
    if (!this.made) return this.gradientOf(given[0] as tf.Tensor, this.saved, this.attributes);
    const dys = this.made.map(({ shape, dtype }, index) => given[index] ?? shapeOnly(shape, dtype));
    return this.gradientOf(dys, this.saved, this.attributes);
  }
}

/** The engine's methods. */
export const tape = {
  addTapeNode(
    this: Engine,
    kernelName: string,
    inputs: tf.NamedTensorMap,
    outputs: tf.Tensor[],
    own: GradientOf | undefined,
    saved: tf.Tensor[],
    attributes?: object,
  ): void {
    const ids = Object.fromEntries(Object.entries(inputs).map(([name, { id }]) => [name, id]));
    const gradientOf = (tf.getGradient(kernelName)?.gradFunc as GradientOf | undefined) ?? own;
    const made = outputs.length > 1 ? outputs : undefined;
    const op = new Op(kernelName, ids, outputs.map(({ id }) => id), saved, gradientOf, attributes, made); // biome-ignore format: one line
    this.state.activeTape?.push(op);
  },

  gradients(this: Engine, f: () => tf.Tensor, xs: tf.Tensor[], dy?: tf.Tensor | null, allowNone = false) {
    const value = this.scopedRun(() => this.startTape(), () => this.endTape(), () => this.tidy("forward", f)); // biome-ignore format: one line
    if (!(value instanceof tf.Tensor)) throw new Error("The result y returned by f() must be a tensor.");
    const ops = this.state.activeTape as Op[];
    const dependent = dependents(ops, xs);
    if (!allowNone && !ops.some((op) => op.outputs.includes(value.id) && op.takes(dependent))) {
      throw new Error("Cannot compute gradient of y=f(x) with respect to x. Make sure that f leads from x to y");
    }
    return this.tidy("backward", () => {
      const gradients = new Map([[value.id, dy ?? shapeOnly(value.shape)]]);
      const isLast = this.state.gradientDepth === 0; // otherwise the gradient of this gradient needs the tape again
      const saved: tf.Tensor[][] = [];
      for (let at = ops.length - 1; at >= 0; at--) {
        const op = ops[at];
        if (isLast) {
          ops.pop();
          saved.push(op.saved);
        }
        if (op.outputs.some((id) => gradients.has(id))) back(op, dependent, gradients);
      }
      if (isLast) {
        for (const tensors of saved.reverse()) for (const tensor of tensors) tensor.dispose();
        this.state.activeTape = null;
      }
      return { value, grads: xs.map(({ id }) => gradients.get(id)) };
    });
  },
};

/** Numbers of the tensors that depend on any of these, themselves included. */
function dependents(ops: readonly Op[], xs: readonly tf.Tensor[]): Set<number> {
  const ids = new Set(xs.map(({ id }) => id));
  for (const op of ops) if (op.takes(ids)) for (const id of op.outputs) ids.add(id);
  return ids;
}

/** Adds what an op hands back to the gradients by those of its inputs that any are wanted for. */
function back(op: Op, wanted: ReadonlySet<number>, gradients: Map<number, tf.Tensor>): void {
  const inputs = Object.entries(op.inputs).filter(([, id]) => wanted.has(id));
  if (inputs.length === 0) return;
  const byInput = op.gradient(op.outputs.map((id) => gradients.get(id)));
  for (const [name, id] of inputs) {
    if (!(name in byInput)) throw new Error(`Cannot plan gradients: ${op.kernelName} has none for its input ${name}`);
    const gradient = tf.tidy(() => byInput[name]());
    const before = gradients.get(id);
    gradients.set(id, before ? tf.engine().runKernel<tf.Tensor>(tf.Add, { a: before, b: gradient }) : gradient);
    before?.dispose();
  }
}
