// A recorded function as it runs: a forward program, and a backward program where gradients are wanted.
import type { Random } from "../random";
import type { TensorFlowBackend } from "../tensorflow/backend";
import * as tf from "../tf";
import type { Input, Origin, Value } from "./ir";
import { bytesOf, valuesToKeep } from "./partition";
import { Program } from "./program";
import { engine, isTapeOn, type TapeNode } from "./tape";
import type { Trace, Wanted } from "./trace";
import { type Leaf, withLeaves } from "./trees";

/** Shapes seen so often are expected this many times as often again. */
const confidence = 4;

/** A function compiled for one set of shapes. Must be disposed. */
export class Compiled {
  private forward: Program;
  private backward?: Program;
  /** What the forward pass keeps for the backward pass. */
  private readonly kept: readonly Value[];
  private isXla = false;
  private readonly differentiable: readonly (Wanted & { gradient: Value })[];

  constructor(
    private readonly backend: TensorFlowBackend,
    private readonly traced: Trace,
    xla: boolean,
  ) {
    this.differentiable = traced.wanted.filter(
      (one): one is Wanted & { gradient: Value } => one.gradient !== undefined,
    );
    this.kept = valuesToKeep(this.differentiable.map(({ gradient }) => gradient));
    const { forward, backward } = this.programs(xla);
    this.forward = forward;
    this.backward = backward;
  }

  /**
   * Calls that running the function as TensorFlow runs it takes to lose what XLA's compilation costs, estimated from
   * its shapes: XLA wins what intermediate results take to be written and read, and a few microseconds an op.
   */
  get callsBeforeXla(): number {
    const ops = [this.forward, this.backward].flatMap((program) => program?.ops ?? []);
    const bytes = ops.flatMap(({ outputs }) => outputs).reduce((sum, value) => sum + bytesOf(value), 0);
    const won = bytes * 1e-10 + ops.length * 4e-6;
    const lost = ops.length * 3e-3;
    return lost / won / confidence;
  }

  /** Has XLA compile the programs from now on. */
  useXla(): void {
    if (this.isXla) return;
    const { forward, backward } = this;
    Object.assign(this, this.programs(true));
    forward.dispose();
    backward?.dispose();
  }

  /** Whether gradients are wanted for the same tensors of its surroundings as when it was recorded. */
  serves(wanted: ReadonlySet<number> | undefined): boolean {
    const was = new Set(this.traced.wanted.map(({ source }) => source));
    return this.traced.captured.every((tensor) => was.has(tensor) === wanted?.has(tensor.id));
  }

  /** Runs it on other leaves of the same shapes. */
  call(leaves: readonly Leaf[]): unknown {
    const { results, template, recording } = this.traced;
    const sources = this.differentiable.map(({ source }) => (typeof source === "number" ? leaves[source] : source));
    const tensors = engine.runKernelFunc({
      forwardFunc: (_, save) => {
        const drawn = new Map(recording.draws.map((value) => [value, drawFor(value, leaves)]));
        const outputs = this.forward.run((value) => drawn.get(value) ?? this.given(value, leaves));
        save(outputs.slice(results.length));
        return outputs.slice(0, results.length);
      },
      backwardsFunc: (dys, saved) => this.gradients([dys].flat() as tf.Tensor[], saved),
      inputs: Object.fromEntries(sources.map((source, index) => [index, source as tf.Tensor])),
    });
    if (isTapeOn()) this.refuseBlocked((engine.state.activeTape as TapeNode[]).at(-1) as TapeNode);
    return withLeaves(template, (_, index) => tensors[index]);
  }

  dispose(): void {
    this.forward.dispose();
    this.backward?.dispose();
    this.traced.recording.dispose();
  }

  /** The backward pass: from the gradients of the results to those that are wanted. */
  private gradients(dys: readonly tf.Tensor[], saved: readonly tf.Tensor[]): Record<string, () => tf.Tensor> {
    const kept = new Map(this.kept.map((value, index) => [value, saved[index]]));
    const gradients = engine.runKernelFunc({
      forwardFunc: () =>
        (this.backward as Program).run(
          (value) => kept.get(value) ?? dys[(originOf(value) as Origin & { kind: "gradient" }).index],
        ),
      inputs: {},
    });
    for (const tensor of saved) tensor.dispose(); // the engine would only do so after the last function's backward pass
    return Object.fromEntries(gradients.map((gradient, index) => [index, () => gradient]));
  }

  private programs(xla: boolean): { forward: Program; backward?: Program } {
    this.isXla = xla;
    const results = this.traced.results.map(({ value }) => value);
    const kept = new Set(this.kept);
    const forward = new Program(this.backend, [...results, ...this.kept], xla);
    const gradients = this.differentiable.map(({ gradient }) => gradient);
    if (gradients.length === 0) return { forward };
    try {
      return { forward, backward: new Program(this.backend, gradients, xla, (value) => kept.has(value)) };
    } catch (error) {
      forward.dispose();
      throw error;
    }
  }

  /** The tensor of an argument, or of the function's surroundings. */
  private given(value: Value, leaves: readonly Leaf[]): tf.Tensor {
    const origin = originOf(value);
    if (origin.kind === "argument") return leaves[origin.index] as tf.Tensor;
    if (origin.kind === "capture" && this.backend.tensorMap.has(origin.source.dataId)) {
      const { source: x } = origin;
      return x instanceof tf.Tensor ? x : tf.engine().runKernel(tf.Identity, { x } as never);
    }
    throw new Error(
      `Cannot run a function of jit: a tensor of shape [${value.shape}] in its surroundings was disposed. ` +
        "Pass it as an argument",
    );
  }

  /** A result without a gradient must not be taken for one whose gradient is zero. */
  private refuseBlocked(node: TapeNode): void {
    const { results } = this.traced;
    const { gradient } = node;
    node.gradient = (dys) => {
      const index = dys.findIndex((dy, index) => dy && results[index].blockedBy);
      if (index >= 0) throw new Error(`Cannot compute a gradient: ${results[index].blockedBy} has none`);
      return (gradient as NonNullable<typeof gradient>)(dys);
    };
  }
}

const originOf = ({ node }: Value): Origin => (node as Input).origin;

function drawFor(value: Value, leaves: readonly Leaf[]): tf.Tensor {
  const { draw, index } = originOf(value) as Origin & { kind: "draw" };
  const random = leaves[index] as Random;
  return draw.kind === "key" ? random.key() : random[draw.kind](draw.shape, ...draw.parameters);
}
