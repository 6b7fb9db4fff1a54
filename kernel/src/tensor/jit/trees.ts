// Arguments and results of a jitted function are trees: tensors and Randoms are leaves, all else is structure.
import { Random } from "../random";
import * as tf from "../tf";

/** What a tree is made of. */
export type Leaf = tf.Tensor | Random;

const isLeaf = (node: unknown): node is Leaf => node instanceof tf.Tensor || node instanceof Random;

/** A tree taken apart. */
export interface Flat {
  readonly leaves: readonly Leaf[];
  /** Structure, dtypes, shapes and plain values as text: equal for trees that one recording serves. */
  readonly key: string;
}

/** @throws TypeError where a tree holds what is neither tensor nor plain data */
export function flatten(tree: unknown): Flat {
  const leaves: Leaf[] = [];
  const visit = (node: unknown, path: string): string => {
    if (isLeaf(node)) {
      leaves.push(node);
      return node instanceof Random ? "random" : `${node.dtype}[${node.shape}]`;
    }
    if (node === undefined || node === null || typeof node === "boolean" || typeof node === "number")
      return String(node);
    if (typeof node === "string") return JSON.stringify(node);
    if (Array.isArray(node)) return `[${node.map((child, index) => visit(child, `${path}[${index}]`))}]`;
    if (typeof node === "object" && isPlain(node)) {
      return `{${Object.entries(node).map(([name, child]) => `${JSON.stringify(name)}:${visit(child, `${path}.${name}`)}`)}}`;
    }
    const seen = typeof node === "object" ? `a ${node.constructor?.name}` : `a ${typeof node}`;
    throw new TypeError(
      `Cannot use ${path} with jit: arguments and results must be tensors, Randoms, numbers, strings, booleans, or arrays ` +
        `and plain objects of them, got ${seen}. Let the function find it in its surroundings instead`,
    );
  };
  const key = visit(tree, "the value");
  return { leaves, key };
}

/** The tree with other leaves, given in the order of {@link flatten}. */
export function withLeaves<T>(tree: T, replace: (leaf: Leaf, index: number) => unknown): T {
  let count = 0;
  const visit = (node: unknown): unknown => {
    if (isLeaf(node)) return replace(node, count++);
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, visit(child)]));
    }
    return node;
  };
  return visit(tree) as T;
}

function isPlain(node: object): boolean {
  const prototype = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}
