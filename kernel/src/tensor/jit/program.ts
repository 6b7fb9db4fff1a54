// A list of steps that computes values from others: compiled functions, with host ops between them.
import type { TensorFlowBackend } from "../tensorflow/backend";
import * as tf from "../tf";
import { CompiledFunction } from "./functions";
import { ancestors, type Constant, type Host, type Node, type Op, type Value } from "./ir";

/** Where a value's tensor is found while a program runs. */
type Tensors = Map<Value, tf.Tensor>;

interface Step {
  /** Runs and adds what it gives to the tensors. */
  run(tensors: Tensors): void;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** Computes `outputs` from values that are given. Must be disposed. */
export class Program {
  /** Values that have to be given. */
  readonly inputs: readonly Value[];
  private readonly steps: readonly Step[];
  /** What may be freed after each step. */
  private readonly done: readonly (readonly Value[])[];
  private readonly functions: CompiledFunction[] = [];
  /** What its functions compute. */
  readonly ops: readonly Node[];

  /**
   * @param available values that are given rather than computed, beside inputs
   * @param xla whether XLA compiles its functions
   */
  constructor(
    private readonly backend: TensorFlowBackend,
    private readonly outputs: readonly Value[],
    xla: boolean,
    available: (value: Value) => boolean = () => false,
  ) {
    const isGiven = (value: Value) => available(value) || value.node.kind === "input";
    const nodes = ancestors(outputs, isGiven);
    this.ops = nodes.filter(({ kind }) => kind === "op");
    const read = new Set([...nodes.flatMap((node) => node.inputs), ...outputs]);
    this.inputs = [...read].filter((value) => isGiven(value) && !isHeld(value));
    this.steps = stages(nodes, isGiven).flatMap((stage, index, all) => {
      const later = new Set([
        ...all
          .slice(index + 1)
          .flat()
          .flatMap((node) => node.inputs),
        ...outputs,
      ]);
      return index % 2 === 1 ? stage.map((node) => this.hostStep(node as Host)) : this.functionStep(stage, later, xla);
    });
    this.done = this.steps.map((step, index) => {
      const later = new Set([...this.steps.slice(index + 1).flatMap(({ inputs }) => inputs), ...outputs]);
      return [...step.inputs, ...step.outputs].filter((value) => !isGiven(value) && !later.has(value));
    });
  }

  /** Runs all steps; what is between them is freed. Every output is a tensor of its own. */
  run(given: (value: Value) => tf.Tensor): tf.Tensor[] {
    const tensors: Tensors = new Map(this.inputs.map((value) => [value, given(value)]));
    const taken = new Set(tensors.values());
    this.steps.forEach((step, index) => {
      step.run(tensors);
      for (const value of this.done[index]) tensors.get(value)?.dispose();
    });
    return this.outputs.map((value) => {
      const tensor = tensors.get(value) ?? this.held(value);
      if (taken.has(tensor)) return tf.clone(tensor);
      taken.add(tensor);
      return tensor;
    });
  }

  dispose(): void {
    for (const one of this.functions) one.release();
  }

  private functionStep(stage: readonly Node[], later: ReadonlySet<Value>, xla: boolean): Step[] {
    const nodes = stage as readonly (Op | Constant)[];
    const own = new Set<Node>(nodes);
    const inputs = [...new Set(nodes.flatMap((node) => node.inputs))].filter(({ node }) => !own.has(node));
    const outputs = nodes.flatMap((node) => node.outputs).filter((value) => later.has(value));
    if (outputs.length === 0) return [];
    const { binding } = this.backend;
    const compiled = CompiledFunction.of(binding, { nodes, inputs, outputs, xla });
    this.functions.push(compiled);
    const run = (tensors: Tensors) => {
      const given = inputs.map((value) => {
        const tensor = tensors.get(value);
        return tensor ? this.backend.getInputTensorIds([tensor])[0] : heldHandle(value);
      });
      compiled.call(given).forEach((metadata, index) => {
        tensors.set(outputs[index], this.backend.createOutputTensor(metadata));
      });
    };
    return [{ run, inputs, outputs }];
  }

  private hostStep({ call, names, inputs, outputs }: Host): Step {
    const run = (tensors: Tensors) => {
      const given = Object.fromEntries(names.map((name, i) => [name, tensors.get(inputs[i]) ?? this.held(inputs[i])]));
      const made = [call.kernelFunc({ inputs: given, attrs: call.attrs, backend: this.backend })].flat();
      made.forEach((info, index) => {
        tensors.set(outputs[index], tensorOf(info));
      });
    };
    return { run, inputs, outputs };
  }

  /** A tensor of a constant. */
  private held(value: Value): tf.Tensor {
    return this.backend.createOutputTensor(this.backend.binding.unshare(heldHandle(value)));
  }
}

const isHeld = ({ node }: Value) => node.kind === "input" && node.origin.kind === "held";

function heldHandle({ node }: Value) {
  if (node.kind === "constant") return node.handle;
  if (node.kind === "input" && node.origin.kind === "held") return node.origin.handle;
  throw new Error("Cannot run a compiled function: a value was not given");
}

const tensorOf = (info: tf.TensorInfo): tf.Tensor =>
  info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info);

/**
 * Nodes in groups that can run one after the other: those at even places are compiled, those at odd places host ops.
 * Each node is in the earliest group that it can be in.
 */
function stages(nodes: readonly Node[], isGiven: (value: Value) => boolean): Node[][] {
  const places = new Map<Node, number>();
  const groups: Node[][] = [];
  for (const node of nodes) {
    if (node.kind === "constant") continue;
    const after = Math.max(
      0,
      ...node.inputs.filter((value) => !isGiven(value)).map(({ node }) => places.get(node) ?? 0),
    );
    const isHost = node.kind === "host";
    const place = after % 2 === Number(isHost) ? after + (isHost ? 2 : 0) : after + 1;
    places.set(node, place);
    groups[place] = [...(groups[place] ?? []), node];
  }
  return Array.from(groups, (group = [], index) => (index % 2 === 0 ? withConstants(group) : group));
}

/** Every group of ops has the constants that it uses. */
function withConstants(group: readonly Node[]): Node[] {
  const constants = group
    .flatMap((node) => node.inputs)
    .map(({ node }) => node)
    .filter((node) => node.kind === "constant");
  return [...new Set(constants), ...group];
}
