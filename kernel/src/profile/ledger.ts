import type * as figures from "../figures";
import { type Observer, observe, tf } from "../tensor";

/** One allocation or release of the backend, with the op, the layer (`encoder.1.mixer.scores`) and the phase behind it. */
export interface MemoryEvent extends figures.MemoryEvent {
  readonly phase: Phase;
}

/**
 * What runs: back-propagation is the engine's own; the optimizer's is what happens in a span of that name; what was alive
 * before, and what comes after back-propagation outside of spans, has no name.
 */
export type Phase = "forward" | "backward" | "optimizer" | "";

/** The few inner parts of TensorFlow.js's engine that tell of every buffer. They are not in its types; pinned with its version. */
interface Engine {
  state: { tensorInfo: WeakMap<object, { bytes: number }>; activeTape?: TapeNode[] };
  trackTensor(tensor: tf.Tensor, backend: unknown): void;
  removeDataId(dataId: object, backend: unknown): void;
  runKernelFunc(invocation: { kernelName?: string; inputs: tf.NamedTensorMap }): unknown;
  addTapeNode(...node: unknown[]): void;
  tidy(nameOrBody: unknown, body?: () => unknown): unknown;
}
interface TapeNode {
  gradient?: (dys: unknown) => Record<string, () => tf.Tensor>;
}
interface Allocation {
  /** Buffers that hold these values: the one they were written to, and views of it. */
  holders: number;
  bytes: number;
  op: string;
  layer: string;
  phase: Phase;
  shape: readonly number[];
  dtype: string;
}

/**
 * Kernels whose result is a view of their input. Which of them copy is a backend's own affair (WebAssembly copies an identity,
 * libtensorflow gives a reshape a handle of its own), so the account, the same everywhere, takes all of them for views.
 */
const views = new Set(["Identity", "Reshape", "ExpandDims"]);

/** Tensors alive before, with their paths. */
export type Held = readonly [path: string, tensor: tf.Tensor][];

/** Records every buffer of the backend while {@link Ledger.record} runs. One at a time. */
export class Ledger {
  private static recording?: Ledger;
  private readonly allocations = new WeakMap<object, Allocation>();
  private readonly path: string[] = [];
  private phase: Phase = "forward";
  private op = "";
  /** While a kernel runs: what it has allocated and not freed. */
  private inside?: Map<object, Allocation>;
  private live = 0;
  private began = 0;
  private restore: () => void = () => {};

  /**
   * @param tell receives each event as it happens
   * @param ended called after the last of them
   */
  constructor(
    private readonly tell: (event: MemoryEvent) => void,
    private readonly ended: () => void,
  ) {}

  /** Runs `body` and records what it allocates and frees; `held` tensors, alive already, open the account. */
  async record<R>(body: () => R | Promise<R>, held: Held = []): Promise<R> {
    if (Ledger.recording) {
      this.ended();
      throw new Error("Cannot record memory: another recording is under way. Await it first");
    }
    try {
      this.start(held);
      return await observe(this.observer, body);
    } finally {
      this.stop();
    }
  }

  /** The same for a body that does not await, while planning: then another recording hears nothing and goes on later. */
  recordPlan<R>(body: () => R, held: Held): R {
    const outer = Ledger.recording;
    try {
      this.start(held);
      return observe(this.observer, body);
    } finally {
      this.stop();
      Ledger.recording = outer;
    }
  }

  private start(held: Held): void {
    Ledger.recording = this;
    this.began = performance.now();
    for (const [path, tensor] of held) {
      this.path.push("parameters", path);
      this.during("", () => this.allocate(tensor));
      this.path.splice(0);
    }
    this.hook(tf.engine() as unknown as Engine);
  }

  private stop(): void {
    if (Ledger.recording !== this) return; // abandoned before
    Ledger.recording = undefined;
    this.restore();
    this.ended();
  }

  private readonly observer: Observer = {
    enter: (name) => {
      if (this.phase === "") this.phase = "forward";
      this.path.push(name);
    },
    leave: () => this.path.pop(),
    abandon: () => this.stop(),
  };

  /** Lays a method over each of the engine's that matter; `restore` takes them off again. */
  private hook(engine: Engine): void {
    const { trackTensor, removeDataId, runKernelFunc, addTapeNode, tidy } = engine;
    const ledger = this;
    const hooks: Partial<Engine> = {
      trackTensor(tensor, backend) {
        const isNew = !engine.state.tensorInfo.has(tensor.dataId);
        trackTensor.call(engine, tensor, backend);
        if (isNew) ledger.allocate(tensor);
      },
      removeDataId(dataId, backend) {
        ledger.release(dataId);
        removeDataId.call(engine, dataId, backend);
      },
      runKernelFunc(invocation) {
        const run = () => runKernelFunc.call(engine, invocation);
        return invocation.kernelName
          ? ledger.kernel(invocation.kernelName, Object.values(invocation.inputs)[0], run)
          : run();
      },
      addTapeNode(...node) {
        addTapeNode.apply(engine, node);
        const added = engine.state.activeTape?.at(-1);
        if (added?.gradient) added.gradient = ledger.attributed(added.gradient);
      },
      tidy(nameOrBody, body) {
        const run = () => tidy.call(engine, nameOrBody, body);
        if (nameOrBody !== "backward") return run(); // the engine's name for back-propagation
        const result = ledger.during("backward", run);
        ledger.phase = "";
        return result;
      },
    };
    Object.assign(engine, hooks);
    this.restore = () => {
      for (const name of Object.keys(hooks)) delete (engine as unknown as Record<string, unknown>)[name];
    };
  }

  /** Runs a kernel. What it allocates and frees again inside itself is the backend's own affair and is left out. */
  private kernel<R>(name: string, input: tf.Tensor | undefined, run: () => R): R {
    const [outer, isView] = [this.inside, views.has(name)];
    if (outer && !isView) return run(); // a kernel made of kernels
    const made = new Map<object, Allocation>();
    this.inside = made;
    if (!outer) this.op = name;
    try {
      const result = run();
      for (const output of [result].flat() as tf.Tensor[]) {
        const allocation = made.get(output.dataId);
        if (allocation) allocation.shape = output.shape; // a kernel may have reshaped it on its way out
      }
      return result;
    } finally {
      this.inside = outer;
      for (const [dataId, allocation] of made) {
        if (isView && input) this.share(input.dataId, dataId);
        else if (outer) outer.set(dataId, allocation);
        else this.enter(allocation, 1);
      }
      if (!outer) this.op = "";
    }
  }

  /** A new buffer is a view of another one's values. */
  private share(from: object, dataId: object): void {
    const allocation = this.allocations.get(from);
    if (allocation) {
      allocation.holders++;
      this.allocations.set(dataId, allocation);
    } else this.allocations.delete(dataId); // of values alive before recording began
  }

  private during<R>(phase: Phase, body: () => R): R {
    const outer = this.phase;
    this.phase = phase;
    try {
      return body();
    } finally {
      this.phase = outer;
    }
  }

  /** What the gradient of an op allocates belongs to the layer that ran the op. */
  private attributed(gradient: NonNullable<TapeNode["gradient"]>): NonNullable<TapeNode["gradient"]> {
    const layer = [...this.path];
    const within = <R>(body: () => R): R => {
      const path = [...this.path];
      this.path.splice(0, this.path.length, ...layer);
      try {
        return body();
      } finally {
        this.path.splice(0, this.path.length, ...path);
      }
    };
    return (dys) => {
      const gradients = within(() => gradient(dys));
      return Object.fromEntries(Object.entries(gradients).map(([input, compute]) => [input, () => within(compute)]));
    };
  }

  private get now(): Phase {
    return this.path[0] === "optimizer" ? "optimizer" : this.phase;
  }

  private allocate(tensor: tf.Tensor): void {
    const known = (tf.engine() as unknown as Engine).state.tensorInfo.get(tensor.dataId);
    const allocation: Allocation = {
      holders: 1,
      bytes: known?.bytes ?? 0,
      op: this.op,
      layer: this.path.join("."),
      phase: this.now,
      shape: tensor.shape,
      dtype: tensor.dtype,
    };
    this.allocations.set(tensor.dataId, allocation);
    if (this.inside) this.inside.set(tensor.dataId, allocation);
    else this.enter(allocation, 1);
  }

  private release(dataId: object): void {
    const allocation = this.allocations.get(dataId);
    if (!allocation) return; // alive before recording began and not named as held
    this.allocations.delete(dataId);
    allocation.holders--;
    if (this.inside?.delete(dataId) || allocation.holders > 0) return;
    this.enter({ ...allocation, op: this.op, phase: this.now }, -1);
  }

  private enter({ bytes, op, layer, phase, shape, dtype }: Allocation, sign: 1 | -1): void {
    const deltaBytes = sign * bytes;
    this.live += deltaBytes;
    const timeUs = (performance.now() - this.began) * 1000;
    this.tell({ timeUs, deltaBytes, liveBytes: this.live, op, layer, phase, shape, dtype });
  }
}
