// Runs a function on tensors without values, and works out its gradients where they are wanted.
import { Random } from "../random";
import type { TensorFlowBackend } from "../tensorflow/backend";
import * as tf from "../tf";
import type { Value } from "./ir";
import { Recording } from "./recording";
import { engine, type TapeNode } from "./tape";
import { flatten, type Leaf, withLeaves } from "./trees";

/** A tensor that the function returned. */
export interface Result {
  readonly value: Value;
  /** The op without a gradient that stands between it and what gradients are wanted for, if any. */
  readonly blockedBy?: string;
}

/** What a gradient is wanted for: a leaf of the arguments by its index, or a tensor of the function's surroundings. */
export interface Wanted {
  readonly source: number | tf.Tensor;
  /** None where no result depends on it. */
  readonly gradient?: Value;
}

/** A function as it was recorded. */
export interface Trace {
  readonly recording: Recording;
  /** The tree that it returned. Its tensors have no values: they mark where those of `results` belong. */
  readonly template: unknown;
  readonly results: readonly Result[];
  readonly wanted: readonly Wanted[];
  /** Tensors of the function's surroundings that gradients could be wanted for. */
  readonly captured: readonly tf.Tensor[];
}

/**
 * Records a function.
 *
 * @param wanted numbers of the tensors that gradients are wanted for, where they are
 */
export function trace(
  backend: TensorFlowBackend,
  f: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  wanted?: ReadonlySet<number>,
): Trace {
  const recording = new Recording(backend);
  const { leaves } = flatten(args);
  try {
    return recording.run(() => {
      const symbols = leaves.map((leaf, index) => symbolFor(recording, leaf, index));
      const call = () => f(...withLeaves(args as unknown[], (_, index) => symbols[index]));
      if (!wanted) return { recording, wanted: [], captured: [], ...resultsOf(recording, call()) };
      return { recording, ...withGradients(recording, call, leaves, symbols, wanted) };
    });
  } catch (error) {
    recording.dispose();
    throw error;
  }
}

function symbolFor(recording: Recording, leaf: Leaf, index: number): Leaf {
  if (leaf instanceof Random) {
    recording.allow(leaf, index);
    return leaf;
  }
  return recording.input({ kind: "argument", index }, leaf.shape, leaf.dtype);
}

function resultsOf(recording: Recording, template: unknown): { template: unknown; results: { value: Value }[] } {
  const { leaves } = flatten(template);
  return { template, results: leaves.map((leaf) => ({ value: recording.valueOf(leaf as tf.Tensor) })) };
}

/** The function and what TensorFlow.js derives from it, for a gradient of each result that is yet to be given. */
function withGradients(
  recording: Recording,
  call: () => unknown,
  leaves: readonly Leaf[],
  symbols: readonly Leaf[],
  wanted: ReadonlySet<number>,
): Omit<Trace, "recording"> {
  const isWanted = (leaf: Leaf): leaf is tf.Tensor =>
    leaf instanceof tf.Tensor && leaf.dtype === "float32" && wanted.has(leaf.id);
  const sources: (number | tf.Tensor)[] = leaves.flatMap((leaf, index) => (isWanted(leaf) ? [index] : []));
  const none = tf.scalar(0); // the engine wants gradients for one tensor at least
  const xs = [...sources.map((index) => symbols[index as number] as tf.Tensor), none];
  let traced!: Pick<Trace, "template" | "results" | "captured">;
  const { grads } = engine.gradients(
    () => {
      const template = call();
      const tape = engine.state.activeTape ?? [];
      const older = tape.flatMap(({ inputs }) => Object.values(inputs)).filter((one) => recording.isOlder(one));
      const captured = [...new Set(older)];
      sources.push(...captured.filter(isWanted));
      xs.splice(-1, 1, ...sources.slice(xs.length - 1).map((tensor) => tensor as tf.Tensor), none);
      const blocks = blockedBy(tape, xs);
      const tensors = flatten(template).leaves as tf.Tensor[];
      traced = {
        template,
        captured,
        results: tensors.map((tensor) => ({ value: recording.valueOf(tensor), blockedBy: blocks.get(tensor.id) })),
      };
      return seed(
        recording,
        tensors.map((tensor) => (blocks.has(tensor.id) || tensor.dtype !== "float32" ? undefined : tensor)),
      );
    },
    xs,
    undefined,
    true,
  );
  const gradientOf = (index: number) => {
    const gradient = grads[index];
    return gradient ? recording.valueOf(gradient) : undefined;
  };
  return { ...traced, wanted: sources.map((source, index) => ({ source, gradient: gradientOf(index) })) };
}

/** A scalar whose gradient with regard to each result is what will be given for it. */
function seed(recording: Recording, results: readonly (tf.Tensor | undefined)[]): tf.Tensor {
  const entries = results.flatMap((tensor, index) => (tensor ? [[index, tensor] as const] : []));
  const gradient = (index: number, { shape }: tf.Tensor) =>
    recording.input({ kind: "gradient", index }, shape, "float32");
  const [scalar] = engine.runKernelFunc({
    forwardFunc: () => [tf.scalar(0)],
    backwardsFunc: () => Object.fromEntries(entries.map(([index, tensor]) => [index, () => gradient(index, tensor)])),
    inputs: Object.fromEntries(entries),
  });
  return scalar;
}

/** Tensors that depend on what gradients are wanted for by way of an op that has none, with that op. */
function blockedBy(tape: readonly TapeNode[], xs: readonly tf.Tensor[]): Map<number, string> {
  const dependent = new Set(xs.map(({ id }) => id));
  const blocked = new Map<number, string>();
  for (const { kernelName, inputs, outputs, gradient } of tape) {
    const ids = Object.values(inputs).map(({ id }) => id);
    if (!ids.some((id) => dependent.has(id))) continue;
    const block = ids.map((id) => blocked.get(id)).find((name) => name) ?? (gradient ? undefined : kernelName);
    for (const { id } of outputs) {
      dependent.add(id);
      if (block) blocked.set(id, block);
    }
  }
  return blocked;
}
