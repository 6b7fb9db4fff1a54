// What the forward pass keeps for the backward pass: as few bytes as will do, as the cut of least weight between what is
// given and what is needed (as in PyTorch's AOTAutograd; Griewank and Walther 2008 name the problem checkpointing).
import { DataType } from "../tensorflow/capi";
import { ancestors, type Node, type Value } from "./ir";
import { MaxFlow } from "./maxFlow";

/** Ops that take long for the bytes they give: what they give is kept rather than computed again. */
const expensive = /MatMul|Conv|Einsum|Cumsum|Cumprod|TopK|Sort|FFT|Pool|Scan/;

const isFree = ({ node }: Value) =>
  node.kind === "constant" ||
  (node.kind === "input" && (node.origin.kind === "held" || node.origin.kind === "gradient"));

/**
 * @param gradients what the backward pass computes
 * @returns the values to keep: results of the forward pass, or of what is given to it
 */
export function valuesToKeep(gradients: readonly Value[]): Value[] {
  const nodes = ancestors(gradients);
  const backward = new Set<Node>();
  for (const node of nodes) {
    const isSeed = node.kind === "input" && node.origin.kind === "gradient";
    if (isSeed || node.inputs.some((input) => backward.has(input.node))) backward.add(node);
  }
  const isForward = (value: Value) => !backward.has(value.node) && !isFree(value);
  const values = nodes
    .filter((node) => !backward.has(node))
    .flatMap((node) => node.outputs)
    .filter(isForward);

  // A value is an edge from its beginning to its end, as wide as it has bytes.
  const flow = new MaxFlow();
  const [given, needed] = [flow.vertex(), flow.vertex()];
  const ends = new Map(values.map((value) => [value, { from: flow.vertex(), to: flow.vertex() }]));
  const endOf = (value: Value) => ends.get(value)!;
  for (const value of values) {
    const { from, to } = endOf(value);
    flow.edge(from, to, weight(value));
    const { node } = value;
    const isGiven = node.kind === "input" || node.kind === "host" || (node.kind === "op" && expensive.test(node.name));
    if (isGiven) flow.edge(given, from, Number.POSITIVE_INFINITY);
    else
      for (const input of node.inputs) if (isForward(input)) flow.edge(endOf(input).to, from, Number.POSITIVE_INFINITY);
  }
  const wanted = new Set([...[...backward].flatMap((node) => node.inputs), ...gradients].filter(isForward));
  for (const value of wanted) flow.edge(endOf(value).to, needed, Number.POSITIVE_INFINITY);

  const beyond = flow.cut(given, needed);
  return values.filter((value) => !beyond.has(endOf(value).from) && beyond.has(endOf(value).to));
}

/** Nothing for a variable, which stays in memory anyway. */
function weight(value: Value): number {
  const { node } = value;
  if (node.kind === "input" && node.origin.kind === "capture" && "assign" in node.origin.source) return 0;
  return 1 + bytesOf(value);
}

/** Bytes of a tensor. */
export function bytesOf({ shape, dtype }: Value): number {
  const width = dtype === DataType.bool ? 1 : dtype === DataType.complex64 ? 8 : 4;
  return width * shape.reduce((product, size) => product * size, 1);
}
