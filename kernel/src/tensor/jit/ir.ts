// What a recording consists of: tensors without values, and what gives them.
import type { Attribute } from "../tensorflow/attributes";
import type { Pointer } from "../tensorflow/capi";
import type { Described, Output } from "../tensorflow/graph";
import type * as tf from "../tf";
import type { Draw, HostCall } from "./recorder";

/** A tensor without values. `dtype` is a `TF_DataType`. */
export interface Value extends Described {
  readonly node: Node;
  /** Which of the node's outputs it is. */
  readonly index: number;
}

interface Part {
  /** Nodes are numbered in the order in which they were noted: inputs come before what uses them. */
  readonly number: number;
  readonly outputs: readonly Value[];
  readonly inputs: readonly Value[];
}

/** Where an input comes from when the program runs. */
export type Origin =
  | { readonly kind: "argument"; readonly index: number }
  /** A tensor that the function found in its surroundings; a variable by itself, as its values change. */
  | { readonly kind: "capture"; readonly source: tf.Variable | tf.TensorInfo }
  /** Random numbers of the argument at `index`. */
  | ({ readonly kind: "draw"; readonly index: number } & { readonly draw: Draw })
  /** A constant too large to be part of a function. */
  | { readonly kind: "held"; readonly handle: Pointer }
  /** The gradient of a result. */
  | { readonly kind: "gradient"; readonly index: number };

export interface Input extends Part {
  readonly kind: "input";
  readonly origin: Origin;
}

/** A small tensor that was written while recording: a number, a shape, a list of axes. */
export interface Constant extends Part {
  readonly kind: "constant";
  readonly handle: Pointer;
  /** Its values as text. */
  readonly text: string;
}

/** Where ops of TensorFlow are put that stand for one of ours. */
export interface Expansion {
  /** An op with one output; its attributes are types. */
  op(name: string, types: Readonly<Record<string, number>>, inputs: readonly Output[]): Output;
  /** A small tensor: float32 or int32, as its values are. */
  constant(values: Float32Array | Int32Array, shape: readonly number[]): Output;
}

/** An op of TensorFlow, or one of ours that is expanded into some of TensorFlow's where a function is made. */
export interface Op extends Part {
  readonly kind: "op";
  readonly name: string;
  readonly attributes: readonly Attribute[];
  /** Of an op of ours: puts down what computes its output. What it does depends on name, attributes and inputs alone. */
  readonly expand?: (into: Expansion, inputs: readonly Output[]) => Output;
  /** Made where it was called. */
  readonly trace: Error;
}

/** A kernel that runs outside of TensorFlow. */
export interface Host extends Part {
  readonly kind: "host";
  readonly call: HostCall;
  /** Names of its inputs, in their order. */
  readonly names: readonly string[];
}

export type Node = Input | Constant | Op | Host;

/** All nodes that values depend on, in order, `stop` being where not to look further. */
export function ancestors(values: Iterable<Value>, stop: (value: Value) => boolean = () => false): Node[] {
  const found = new Set<Node>();
  const visit = (value: Value) => {
    if (stop(value) || found.has(value.node)) return;
    found.add(value.node);
    value.node.inputs.forEach(visit);
  };
  for (const value of values) visit(value);
  return [...found].sort((a, b) => a.number - b.number);
}
