import type * as figures from "../figures";
import { Attribution, observe, overlay, type Phase, type Place, tf } from "../tensor";

/**
 * What memory is for:
 * - `parameters`: the values of trainable variables;
 * - `optimizer`: those of other variables, such as moments, and what outlives a span called `optimizer`;
 * - `gradients`: what back-propagation hands from op to op, and to its caller;
 * - `activations`: what is kept for back-propagation, and what outlives the layer that made it;
 * - `workspace`: what the layer, or the gradient of an op, that made it has released again before its end.
 */
export type Kind = "parameters" | "gradients" | "optimizer" | "activations" | "workspace";

/** One allocation or release of the backend, with the op, the layer (`encoder.1.mixer.scores`) and the phase behind it. */
export interface MemoryEvent extends figures.MemoryEvent {
  readonly phase: Phase;
  readonly kind: Kind;
  readonly tensor: number;
}

/** The few inner parts of TensorFlow.js's engine that tell of every buffer. They are not in its types; pinned with its version. */
interface Engine {
  state: { tensorInfo: WeakMap<object, { bytes: number }>; registeredVariables: Record<string, tf.Variable> };
  trackTensor(tensor: tf.Tensor, backend: unknown): void;
  removeDataId(dataId: object, backend: unknown): void;
  incRef(tensor: tf.Tensor, backend: unknown): void;
  clone(tensor: tf.Tensor): tf.Tensor;
  runKernelFunc(invocation: Invocation): unknown;
}
interface Invocation {
  kernelName?: string;
  inputs: tf.NamedTensorMap;
  attrs?: { dtype?: string; paddings?: [number, number][] };
}

/** Values in memory. */
interface Allocation {
  /** The buffer that they were written to. */
  readonly dataId: object;
  /** Its number in the log; 0 before it is there. */
  tensor: number;
  /** Buffers that hold these values: the one they were written to, and views of it. */
  holders: number;
  readonly bytes: number;
  readonly op: string;
  readonly place: Place;
  readonly phase: Phase;
  readonly dtype: string;
  shape: readonly number[];
  kind: Kind;
  /** The kind is final. */
  settled: boolean;
}

/**
 * Kernels whose result is a view of their input. Which of them copy is a backend's own affair (WebAssembly copies an identity,
 * libtensorflow gives a reshape a handle of its own), so the account, the same everywhere, takes all of them for views.
 */
const views = new Set(["Identity", "Reshape", "ExpandDims"]);

/** So are a cast to the type that the values have, and a border of no width. */
const givesView = ({ kernelName = "", inputs, attrs }: Invocation): boolean =>
  views.has(kernelName) ||
  (kernelName === "Cast" && attrs?.dtype === inputs.x.dtype) ||
  (kernelName === "PadV2" && attrs?.paddings?.flat().every((width) => width === 0) === true);

/** Tensors alive before, with their paths. */
export type Held = readonly [path: string, tensor: tf.Tensor][];

/** Records every buffer of the backend while {@link Ledger.record} runs. One at a time. */
export class Ledger {
  private static recording?: Ledger;
  /** By buffer. No WeakMap: the collector walks through all of one again and again. */
  private readonly allocations = new Map<object, Allocation>();
  private readonly attribution = new Attribution();
  private readonly engine = tf.engine() as unknown as Engine;
  private op = "";
  /** While a kernel runs: what it has allocated and not freed. */
  private inside?: Allocation[];
  /** Tensors so far. */
  private tensors = 0;
  /** How many of them were alive before. */
  held = 0;
  private live = 0;
  private began = 0;
  private restore: () => void = () => {};

  /**
   * @param log gets each event as it happens
   * @param told.grew is called after each of them
   * @param told.ended is called after the last of them
   */
  constructor(
    private readonly log: figures.MemoryLog,
    private readonly told: { readonly grew?: () => void; readonly ended?: () => void } = {},
  ) {}

  /** Runs `body` and records what it allocates and frees; `held` tensors, alive already, open the account. */
  async record<R>(body: () => R | Promise<R>, held: Held = []): Promise<R> {
    if (Ledger.recording) {
      this.told.ended?.();
      throw new Error("Cannot record memory: another recording is under way. Await it first");
    }
    try {
      return await this.start(body, held);
    } finally {
      this.stop();
    }
  }

  /** The same for a body that does not await, while planning: then another recording hears nothing and goes on later. */
  recordPlan<R>(body: () => R, held: Held): R {
    const outer = Ledger.recording;
    try {
      return this.start(body, held);
    } finally {
      this.stop();
      Ledger.recording = outer;
    }
  }

  private start<R>(body: () => R, held: Held): R {
    Ledger.recording = this;
    this.began = performance.now();
    for (const [path, tensor] of held) this.hold(path, tensor);
    this.held = this.tensors;
    this.hook();
    return observe({ ...this.attribution.observer, abandon: () => this.stop() }, body);
  }

  /** Not while another one records a plan. */
  private get listens(): boolean {
    return Ledger.recording === this;
  }

  /** The number of a tensor in the log; 0 where it is not in it. */
  numberOf({ dataId }: tf.Tensor): number {
    return this.allocations.get(dataId)?.tensor ?? 0;
  }

  /** Numbers of the tensors that are values of variables now. */
  get valuesOfVariables(): number[] {
    return Object.values(this.engine.state.registeredVariables).map((variable) => this.numberOf(variable));
  }

  private stop(): void {
    if (Ledger.recording !== this) return; // abandoned before
    Ledger.recording = undefined;
    this.restore();
    // Where a kernel was cut off, what it had allocated is alive, and belongs to nobody any more.
    for (const allocation of this.inside ?? []) this.enter(allocation);
    this.inside = undefined;
    this.told.ended?.();
  }

  /** Lays a method over each of the engine's that matter; `restore` takes them off again. */
  private hook(): void {
    const { engine } = this;
    const { trackTensor, removeDataId, incRef, clone, runKernelFunc } = engine;
    const ledger = this;
    const unhook = overlay<Engine>(engine, {
      trackTensor(tensor, backend) {
        const isNew = !engine.state.tensorInfo.has(tensor.dataId);
        trackTensor.call(engine, tensor, backend);
        if (isNew && ledger.listens) ledger.allocate(tensor);
      },
      removeDataId(dataId, backend) {
        if (ledger.listens) ledger.release(dataId);
        removeDataId.call(engine, dataId, backend);
      },
      incRef(tensor, backend) {
        incRef.call(engine, tensor, backend);
        if (tensor instanceof tf.Variable) ledger.settle(tensor, kindOfVariable(tensor));
      },
      clone(tensor) {
        ledger.settle(tensor, "activations"); // the engine clones what it keeps for back-propagation, and nothing else
        return clone.call(engine, tensor);
      },
      runKernelFunc(invocation) {
        if (!invocation.kernelName || !ledger.listens) return runKernelFunc.call(engine, invocation);
        return ledger.kernel(invocation, runKernelFunc);
      },
    });
    const unlisten = this.attribution.listen((gradient) => {
      if (this.allocations.get(gradient.dataId)?.phase === "backward") this.settle(gradient, "gradients");
    });
    this.restore = () => {
      unlisten();
      unhook();
    };
  }

  /** Runs a kernel. What it allocates and frees again inside itself is the backend's own affair and is left out. */
  private kernel(invocation: Invocation, runKernelFunc: Engine["runKernelFunc"]): unknown {
    const outer = this.inside;
    const isView = givesView(invocation);
    if (outer && !isView) return runKernelFunc.call(this.engine, invocation); // a kernel made of kernels
    const made: Allocation[] = [];
    this.inside = made;
    if (!outer) this.op = invocation.kernelName ?? "";
    try {
      const result = runKernelFunc.call(this.engine, invocation);
      if (Array.isArray(result)) for (const output of result) this.came(output, made);
      else this.came(result as tf.Tensor, made);
      return result;
    } finally {
      this.inside = outer;
      const input = isView ? Object.values(invocation.inputs)[0] : undefined;
      for (const allocation of made) {
        if (input) this.share(input.dataId, allocation.dataId);
        else if (outer) outer.push(allocation);
        else this.enter(allocation);
      }
      if (!outer) this.op = "";
    }
  }

  /** A kernel gives an output. It may have reshaped it on its way out, and made its outputs in another order. */
  private came({ dataId, shape }: tf.Tensor, made: Allocation[]): void {
    const allocation = this.allocations.get(dataId);
    if (!allocation || !remove(made, allocation)) return;
    allocation.shape = shape;
    made.push(allocation);
  }

  /** A new buffer is a view of another one's values. */
  private share(from: object, dataId: object): void {
    const allocation = this.allocations.get(from);
    if (allocation) {
      allocation.holders++;
      this.allocations.set(dataId, allocation);
    } else this.allocations.delete(dataId); // of values alive before recording began
  }

  /** A tensor that was alive before opens the account. */
  private hold(path: string, tensor: tf.Tensor): void {
    if (this.allocations.has(tensor.dataId)) return;
    const kind = tensor instanceof tf.Variable ? kindOfVariable(tensor) : "activations";
    const layer = `${kind === "activations" ? "held" : kind}.${path}`;
    const allocation = this.allocation(tensor, { layer, first: "", running: false }, "", kind);
    allocation.settled = true;
    this.allocations.set(tensor.dataId, allocation);
    this.enter(allocation);
  }

  private allocate(tensor: tf.Tensor): void {
    const { place, phase } = this.attribution;
    // Outside of the gradients of ops, back-propagation itself adds gradients up.
    const gradient = phase === "backward" && !place.gradient;
    const kind = { forward: "activations", "": "activations", optimizer: "optimizer", backward: "workspace" } as const;
    const allocation = this.allocation(tensor, place, phase, gradient ? "gradients" : kind[phase]);
    allocation.settled = gradient;
    this.allocations.set(tensor.dataId, allocation);
    if (this.inside) this.inside.push(allocation);
    else this.enter(allocation);
  }

  private allocation(tensor: tf.Tensor, place: Place, phase: Phase, kind: Kind): Allocation {
    const bytes = this.engine.state.tensorInfo.get(tensor.dataId)?.bytes ?? 0;
    const { dataId, shape, dtype } = tensor;
    return { dataId, tensor: 0, holders: 1, bytes, op: this.op, place, phase, dtype, shape, kind, settled: false };
  }

  private settle({ dataId }: tf.Tensor, kind: Kind): void {
    const allocation = this.allocations.get(dataId);
    if (!allocation) return;
    const owned = kind === "parameters" || kind === "optimizer"; // a variable's value, whatever it was before
    if (allocation.settled && !owned) return;
    allocation.kind = kind;
    allocation.settled = true;
    if (allocation.tensor > 0) this.log.classify(allocation.tensor, kind);
  }

  private release(dataId: object): void {
    const allocation = this.allocations.get(dataId);
    if (!allocation) return; // alive before recording began and not named as held
    this.allocations.delete(dataId);
    allocation.holders--;
    if (allocation.holders > 0) return;
    if ((this.inside && remove(this.inside, allocation)) || allocation.tensor === 0) return;
    if (!allocation.settled && allocation.place.running) allocation.kind = "workspace";
    this.write(allocation, -allocation.bytes, this.op, this.attribution.phase);
  }

  private enter(allocation: Allocation): void {
    this.write(allocation, allocation.bytes, allocation.op, allocation.phase, this.tensors + 1);
    allocation.tensor = ++this.tensors;
  }

  private write(
    { place, kind, shape, dtype, tensor: known }: Allocation,
    deltaBytes: number,
    op: string,
    phase: Phase,
    tensor = known,
  ): void {
    const liveBytes = this.live + deltaBytes;
    const timeUs = (performance.now() - this.began) * 1000;
    this.log.append({ timeUs, deltaBytes, liveBytes, op, layer: place.layer, phase, kind, shape, dtype, tensor });
    this.live = liveBytes;
    this.told.grew?.();
  }
}

/** Takes a value out of a short list. @returns whether it was there */
function remove<T>(values: T[], value: T): boolean {
  const at = values.lastIndexOf(value);
  if (at >= 0) values.splice(at, 1);
  return at >= 0;
}

const kindOfVariable = ({ trainable }: tf.Variable): Kind => (trainable ? "parameters" : "optimizer");
