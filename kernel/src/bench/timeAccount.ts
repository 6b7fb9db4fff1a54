// Where the time goes: every moment of a computation is booked on a layer and an op.
import { Attribution, observe, overlay, tf } from "../tensor";

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

/** The inner part of TensorFlow.js's engine that runs ops. It is not in its types; pinned with its version. */
interface Engine {
  runKernelFunc(invocation: { kernelName?: string }): unknown;
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
    await observe({ ...account.attribution.observer, fromOutside: true }, body);
  } finally {
    restore();
  }
  return account.closed();
}

class TimeAccount {
  private readonly bookings = new Map<string, Booking>();
  private readonly ops: string[] = [];
  private since = performance.now();
  readonly attribution = new Attribution(() => this.turn());

  closed(): Booking[] {
    this.turn();
    return [...this.bookings.values()];
  }

  /** Lays a method over each of the engine's that matter. @returns what takes them off again */
  listen(): () => void {
    const account = this;
    const engine = tf.engine() as unknown as Engine;
    const { runKernelFunc } = engine;
    const unlisten = this.attribution.listen();
    const unhook = overlay<Engine>(engine, {
      runKernelFunc(invocation) {
        const run = () => runKernelFunc.call(engine, invocation);
        return invocation.kernelName ? account.during(invocation.kernelName, run) : run();
      },
    });
    const restoreEngine = () => {
      unhook();
      unlisten();
    };
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
    this.turn();
    this.ops.push(op);
    this.booking().calls++;
    try {
      return run();
    } finally {
      this.turn();
      this.ops.pop();
    }
  }

  /** Books the time since the last turn on what ran till now. */
  private turn(): void {
    const now = performance.now();
    this.booking().seconds += (now - this.since) / 1000;
    this.since = now;
  }

  private booking(): Booking {
    const { phase: now, place } = this.attribution;
    const phase = now === "backward" ? now : "forward";
    const [layer, op] = [place.layer, this.ops.at(-1) ?? betweenOps];
    const key = `${phase} ${layer} ${op}`;
    const found = this.bookings.get(key) ?? { layer, op, phase, seconds: 0, calls: 0 };
    this.bookings.set(key, found);
    return found;
  }
}
