// Where the time goes: every moment of a computation is booked on a layer and an op.
import { type Observer, observe, tf } from "../tensor";

/** Time that one op took in one layer. */
export interface Booking {
  /** Path of spans: `encoder.3.mixer`. */
  readonly layer: string;
  /** A kernel of TensorFlow.js, or a function that `jit` compiled. */
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
/** The part of libtensorflow's binding that runs compiled functions. */
interface Binding {
  call(name: string, ...rest: unknown[]): unknown;
}

/**
 * Runs `body` and books its time. At each moment one op (or none) is running in one layer; what an op spends in ops of its
 * own is theirs. The sum is the time that passed. It tells the truth where an op ends before the next begins, as on a CPU.
 */
export async function accountTime(body: () => Promise<void>): Promise<Booking[]> {
  const account = new TimeAccount();
  const restore = account.listen();
  try {
    await observe(account.observer, body);
  } finally {
    restore();
  }
  return account.closed();
}

class TimeAccount {
  private readonly bookings = new Map<string, Booking>();
  private path: string[] = [];
  private phase: Booking["phase"] = "forward";
  private readonly ops: string[] = [];
  private since = performance.now();

  readonly observer: Observer = {
    fromOutside: true,
    enter: (name) => this.turn(() => this.path.push(name)),
    leave: () => this.turn(() => this.path.pop()),
  };

  closed(): Booking[] {
    this.turn(() => {});
    return [...this.bookings.values()];
  }

  /** Lays a method over each of the engine's that matter. @returns what takes them off again */
  listen(): () => void {
    const account = this;
    const engine = tf.engine() as unknown as Engine;
    const { runKernelFunc, addTapeNode, tidy } = engine;
    const restoreEngine = overlay<Engine>(engine, {
      runKernelFunc(invocation) {
        const run = () => runKernelFunc.call(engine, invocation);
        return invocation.kernelName ? account.during(invocation.kernelName, run) : run();
      },
      addTapeNode(...node) {
        addTapeNode.apply(engine, node);
        const added = engine.state.activeTape?.at(-1);
        if (added?.gradient) added.gradient = account.attributed(added.gradient);
      },
      tidy(nameOrBody, body) {
        const run = () => tidy.call(engine, nameOrBody, body);
        return nameOrBody === "backward" ? account.backward([], run) : run(); // the engine's name for back-propagation
      },
    });
    const { binding } = tf.backend() as { binding?: Binding };
    if (!binding) return restoreEngine;
    const { call } = binding;
    const restoreBinding = overlay<Binding>(binding, {
      call: (name, ...rest) => account.during(name, () => call.call(binding, name, ...rest)),
    });
    return () => {
      restoreBinding();
      restoreEngine();
    };
  }

  private during<R>(op: string, run: () => R): R {
    this.turn(() => this.ops.push(op));
    this.booking().calls++;
    try {
      return run();
    } finally {
      this.turn(() => this.ops.pop());
    }
  }

  /** The gradient of an op belongs to the layer that ran the op. */
  private attributed(gradient: (dys: unknown) => Record<string, () => tf.Tensor>): typeof gradient {
    const layer = [...this.path];
    return (dys) => {
      const gradients = this.backward(layer, () => gradient(dys));
      const computed = Object.entries(gradients).map(([name, compute]) => [name, () => this.backward(layer, compute)]);
      return Object.fromEntries(computed);
    };
  }

  private backward<R>(layer: string[], run: () => R): R {
    const { path, phase } = this;
    this.turn(() => Object.assign(this, { path: [...layer], phase: "backward" }));
    try {
      return run();
    } finally {
      this.turn(() => Object.assign(this, { path, phase }));
    }
  }

  /** Books the time since the last turn on what ran till now. */
  private turn(change: () => void): void {
    const now = performance.now();
    this.booking().seconds += (now - this.since) / 1000;
    this.since = now;
    change();
  }

  private booking(): Booking {
    const { phase } = this;
    const [layer, op] = [this.path.join("."), this.ops.at(-1) ?? betweenOps];
    const key = `${phase} ${layer} ${op}`;
    const found = this.bookings.get(key) ?? { layer, op, phase, seconds: 0, calls: 0 };
    this.bookings.set(key, found);
    return found;
  }
}

/** Gives an object methods in front of its class's. @returns what removes them */
function overlay<T extends object>(object: T, methods: Partial<T>): () => void {
  Object.assign(object, methods);
  return () => {
    for (const name of Object.keys(methods)) delete (object as Record<string, unknown>)[name];
  };
}
