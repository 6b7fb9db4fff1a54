// Functions of TensorFlow made of recorded nodes. Those that compute the same are one.
import { createHash } from "node:crypto";
import type { Binding } from "../tensorflow/binding";
import { AttributeType, DataType, type Pointer } from "../tensorflow/capi";
import type { Graph, Output } from "../tensorflow/graph";
import type { Constant, Expansion, Node, Op, Value } from "./ir";
import { placeOf } from "./place";
import type { TensorMetadata } from "./recorder";

/** What to make a function of. */
export interface FunctionParts {
  /** Ops and constants, in order. */
  readonly nodes: readonly (Op | Constant)[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Whether XLA compiles it; otherwise TensorFlow runs its ops one by one, but without us in between. */
  readonly xla: boolean;
}

/** Counts of all that was compiled in this process. */
export const compiled = {
  /** Functions that exist now. */
  functions: 0,
  /** Functions made so far. */
  compilations: 0,
  /** Time that making them took. */
  seconds: 0,
  /** Told of every compilation: a hook for who shows progress. */
  onCompile: undefined as ((info: { ops: number; seconds: number }) => void) | undefined,
};

const existing = new Map<string, CompiledFunction>();

/** A function in TensorFlow's context. Shared: whoever got it releases it. */
export class CompiledFunction {
  private users = 0;
  private traces?: Map<string, Op>;

  private constructor(
    private readonly binding: Binding,
    private readonly key: string,
    private readonly name: string,
    private readonly outputCount: number,
    nodes: FunctionParts["nodes"],
  ) {
    this.traces = new Map(nodes.flatMap((node) => (node.kind === "op" ? [[nameOf(node), node] as const] : [])));
  }

  /** The function that computes this; made unless there is one. */
  static of(binding: Binding, parts: FunctionParts): CompiledFunction {
    const key = signature(parts);
    let made = existing.get(key);
    if (!made) {
      const began = performance.now();
      made = new CompiledFunction(binding, key, `jit_${compiled.compilations++}`, parts.outputs.length, parts.nodes);
      define(binding, made.name, parts);
      existing.set(key, made);
      compiled.functions++;
      compiled.seconds += (performance.now() - began) / 1000;
    }
    made.users++;
    return made;
  }

  /** Runs it. The first time, XLA compiles it. */
  call(inputs: readonly (number | Pointer)[]): TensorMetadata[] {
    const { traces } = this;
    if (!traces) return this.binding.call(this.name, inputs, this.outputCount);
    const began = performance.now();
    try {
      const outputs = this.binding.call(this.name, inputs, this.outputCount);
      this.traces = undefined;
      return outputs;
    } catch (error) {
      throw withPlace(error as Error, traces);
    } finally {
      const seconds = (performance.now() - began) / 1000;
      compiled.seconds += seconds;
      compiled.onCompile?.({ ops: traces.size, seconds });
    }
  }

  /** Removes it from the context when nobody else uses it. */
  release(): void {
    if (--this.users > 0) return;
    existing.delete(this.key);
    compiled.functions--;
    this.binding.removeFunction(this.name);
  }
}

const nameOf = (node: Op): string => `${node.name}_${node.number}`;

function define(binding: Binding, name: string, { nodes, inputs, outputs, xla }: FunctionParts): void {
  const graph = binding.newGraph();
  try {
    const placed = new Map<Value, Output>();
    const get = (value: Value) => placed.get(value) as Output;
    for (const input of inputs) placed.set(input, graph.placeholder(input));
    for (const node of nodes) {
      if (node.kind === "constant") placed.set(node.outputs[0], graph.constant(node.handle, node.outputs[0].dtype));
      else {
        const given = node.inputs.map(get);
        const { oper } = node.expand
          ? node.expand(expansion(binding, graph, nameOf(node)), given)
          : graph.operation(node.name, node.attributes, given, nameOf(node));
        for (const output of node.outputs) placed.set(output, { oper, index: output.index });
      }
    }
    graph.define(name, inputs.map(get), outputs.map(get), xla);
  } finally {
    graph.dispose();
  }
}

/** Puts ops into a graph under names that begin with `name`. */
function expansion(binding: Binding, graph: Graph, name: string): Expansion {
  let count = 0;
  return {
    op(type, types, inputs) {
      const attributes = Object.entries(types).map(([name, value]) => ({ name, type: AttributeType.type, value }));
      return graph.operation(type, attributes, inputs, `${name}/${type}_${count++}`);
    },
    constant(values, shape) {
      const dtype = values instanceof Int32Array ? DataType.int32 : DataType.float32;
      const id = binding.createTensor([...shape], dtype, values);
      const handle = binding.share(id);
      try {
        return graph.constant(handle, dtype, `${name}/Const_${count++}`);
      } finally {
        binding.release(handle);
        binding.deleteTensor(id);
      }
    },
  };
}

/** What a function computes as a short text: the same for two functions only if they compute the same. */
function signature({ nodes, inputs, outputs, xla }: FunctionParts): string {
  const numbers = new Map<Node, number>();
  const number = (node: Node) => {
    numbers.set(node, numbers.size);
  };
  const of = ({ node, index }: Value) => `${numbers.get(node)}.${index}`;
  const hash = createHash("sha256").update(`${xla}`);
  for (const { node, dtype, shape } of inputs) {
    number(node);
    hash.update(`\n${dtype} [${shape}]`);
  }
  for (const node of nodes) {
    const text = node.kind === "constant" ? node.text : `${node.name} ${JSON.stringify(node.attributes)}`;
    hash.update(`\n${text} ${node.inputs.map(of)}`);
    number(node);
  }
  return hash.update(`\n${outputs.map(of)}`).digest("base64");
}

/** TensorFlow names the node that failed; say where in the user's code it was made. */
function withPlace(error: Error, traces: Map<string, Op>): Error {
  const node = [...traces].find(([name]) => new RegExp(`\\b${name}\\b`).test(error.message))?.[1];
  if (!node) return error;
  return new Error(`Cannot compile ${node.name} at ${placeOf(node.trace)}: ${error.message}`, { cause: error });
}
