// Where the time goes: every moment of a computation is booked on a layer and an op.
import { type Observer, observe, tf } from "../tensor";

/** Time that one op took in one layer. */
export interface Booking {
  /** Path of spans: `encoder.3.mixer`. */
  readonly layer: string;
  readonly op: string;
  readonly phase: "forward" | "backward";
  seconds: number;
  calls: number;
}

/** What runs when no op does. */
export const betweenOps = "(between ops)";

/** The few inner parts of TensorFlow.js's engine that run ops and gradients. They are not in its types; pinned with its version. */
interface Engine {
  state: { activeTape?: { gradient?: (dys: unknown) => Record<string, () => tf.Tensor> }[] };
  runKernelFunc(invocation: { kernelName?: string }): unknown;
  addTapeNode(...node: unknown[]): void;
  tidy(nameOrBody: unknown, body?: () => unknown): unknown;
}

/**
 * Runs `body` and books its time. At each moment one op (or none) is running in one layer; what an op spends in ops of its
 * own is theirs. The sum is the time that passed. It tells the truth where ops end before the next begins, as on a CPU.
 */
export async function accountTime(body: () => Promise<void>): Promise<Booking[]> {
  const bookings = new Map<string, Booking>();
  let path: string[] = [];
  let phase: Booking["phase"] = "forward";
  const ops: string[] = [];
  let since = performance.now();

  const booking = (): Booking => {
    const [layer, op] = [path.join("."), ops.at(-1) ?? betweenOps];
    const key = `${phase} ${layer} ${op}`;
    const found = bookings.get(key) ?? { layer, op, phase, seconds: 0, calls: 0 };
    bookings.set(key, found);
    return found;
  };
  const turn = (change: () => void) => {
    const now = performance.now();
    booking().seconds += (now - since) / 1000;
    since = now;
    change();
  };
  /** Runs a part of back-propagation, on behalf of the layer at `place`. */
  const backward = <R>(place: string[], run: () => R): R => {
    const outer = { path, phase };
    turn(() => ([path, phase] = [[...place], "backward"]));
    try {
      return run();
    } finally {
      turn(() => ({ path, phase } = outer));
    }
  };
  const observer: Observer = {
    enter: (name) => turn(() => path.push(name)),
    leave: () => turn(() => path.pop()),
  };

  const engine = tf.engine() as unknown as Engine;
  const { runKernelFunc, addTapeNode, tidy } = engine;
  const hooks: Partial<Engine> = {
    runKernelFunc(invocation) {
      const { kernelName } = invocation;
      if (!kernelName) return runKernelFunc.call(engine, invocation);
      turn(() => ops.push(kernelName));
      booking().calls++;
      try {
        return runKernelFunc.call(engine, invocation);
      } finally {
        turn(() => ops.pop());
      }
    },
    // The gradient of an op belongs to the layer that ran the op; adding gradients up, to none.
    addTapeNode(...node) {
      addTapeNode.apply(engine, node);
      const added = engine.state.activeTape?.at(-1);
      const gradient = added?.gradient;
      if (!added || !gradient) return;
      const layer = [...path];
      added.gradient = (dys) => {
        const gradients = backward(layer, () => gradient(dys));
        const compute = ([name, one]: [string, () => tf.Tensor]) => [name, () => backward(layer, one)];
        return Object.fromEntries(Object.entries(gradients).map(compute));
      };
    },
    tidy(nameOrBody, body) {
      const run = () => tidy.call(engine, nameOrBody, body);
      return nameOrBody === "backward" ? backward([], run) : run(); // the engine's name for back-propagation
    },
  };
  Object.assign(engine, hooks);
  try {
    await observe(observer, body);
  } finally {
    turn(() => {});
    for (const name of Object.keys(hooks)) delete (engine as unknown as Record<string, unknown>)[name];
  }
  return [...bookings.values()];
}
