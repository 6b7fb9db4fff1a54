// Parameters are trees of plain objects: a layer describes its tree (names, shapes, how each parameter begins),
// `initialise` makes the tensors. A description alone is enough to count, to plan and to check a checkpoint.
import { type Random, tf } from "../tensor";
import { type Initialiser, xavier } from "./initialisers";

/** One parameter, described: its shape and how it begins. */
export class ParameterSpec {
  constructor(
    readonly shape: readonly number[],
    /** How its layer's authors begin it. */
    readonly native: Initialiser,
    /** How it begins in the paper's models, whose code draws anew all that has more than one axis. */
    readonly paper: Initialiser = shape.length > 1 ? xavier : native,
  ) {}

  get size(): number {
    return this.shape.reduce((product, length) => product * length, 1);
  }
}

/** A tree of descriptions; `undefined` stands for a part that this layer does without. */
export type Spec = ParameterSpec | readonly Spec[] | { readonly [name: string]: Spec | undefined };

/** The tree of variables that a description becomes. */
export type Parameters<S> = S extends ParameterSpec
  ? tf.Variable
  : S extends readonly (infer Item)[]
    ? Parameters<Item>[]
    : S extends undefined
      ? undefined
      : { readonly [Name in keyof S]: Parameters<S[Name]> };

/** Every leaf of a tree with its path (`layers.0.mixer.query.weight`), in the order of the description. */
export function leaves<L>(tree: unknown, isLeaf: (node: unknown) => node is L, path = ""): [path: string, leaf: L][] {
  if (isLeaf(tree)) return [[path, tree]];
  const prefix = path === "" ? "" : `${path}.`;
  return Object.entries(tree as Record<string, unknown>).flatMap(([name, child]) =>
    child === undefined ? [] : leaves(child, isLeaf, prefix + name),
  );
}

const isSpec = (node: unknown): node is ParameterSpec => node instanceof ParameterSpec;
const isVariable = (node: unknown): node is tf.Variable => node instanceof tf.Tensor;

/** Paths and descriptions of all parameters of a tree. */
export const specEntries = (spec: Spec): [string, ParameterSpec][] => leaves(spec, isSpec);

/** Paths and variables of all parameters of a tree. */
export const parameterEntries = (parameters: unknown): [string, tf.Variable][] => leaves(parameters, isVariable);

/** How many numbers the described parameters hold. */
export const countParameters = (spec: Spec): number =>
  specEntries(spec).reduce((sum, [, parameter]) => sum + parameter.size, 0);

function build<S>(spec: S, path: string, make: (path: string, spec: ParameterSpec) => tf.Variable): Parameters<S> {
  if (isSpec(spec)) return make(path, spec) as Parameters<S>;
  const child = (name: string, node: unknown) => build(node, path === "" ? name : `${path}.${name}`, make);
  if (Array.isArray(spec)) return spec.map((node, index) => child(String(index), node)) as Parameters<S>;
  const entries = Object.entries(spec as object).filter(([, node]) => node !== undefined);
  return Object.fromEntries(entries.map(([name, node]) => [name, child(name, node)])) as Parameters<S>;
}

/** Which of a {@link ParameterSpec}'s two beginnings. */
export type Initialisation = "native" | "paper";

/**
 * Makes the described parameters. Each draws from a stream of its own, named by its path, so that adding
 * a layer never changes how the others begin. Dispose them with {@link disposeParameters}.
 */
export function initialise<S extends Spec>(
  spec: S,
  random: Random,
  how: (path: string) => Initialisation = () => "native",
): Parameters<S> {
  return build(spec, "", (path, parameter) =>
    tf.tidy(() => tf.variable(parameter[how(path)](parameter.shape, random.fork(path)))),
  );
}

/** Makes the described parameters out of given values, by path: for checkpoints and references. */
export function parametersFrom<S extends Spec>(spec: S, value: (path: string) => tf.Tensor): Parameters<S> {
  return build(spec, "", (path, parameter) => {
    const tensor = value(path);
    if (tensor.shape.join() !== parameter.shape.join()) {
      throw new TypeError(
        `Cannot use [${tensor.shape}] as parameter ${path}: its shape must be [${parameter.shape.join()}]`,
      );
    }
    return tf.variable(tensor);
  });
}

/** Frees every parameter of the tree. */
export function disposeParameters(parameters: unknown): void {
  for (const [, variable] of parameterEntries(parameters)) variable.dispose();
}
