// jit(f): the ops of a function recorded once for each set of shapes, compiled by TensorFlow, and run as one.
import { Cache, type JitOptions, steady } from "./jit/cache";
import { compiled } from "./jit/functions";
import { recorder } from "./jit/recorder";
import { engine } from "./jit/tape";
import { flatten } from "./jit/trees";
import { isObserved } from "./observe";
import type { TensorFlowBackend } from "./tensorflow/backend";
import * as tf from "./tf";

export type { JitOptions };

/** A function that {@link jit} made. */
export type Jitted<F> = F & {
  /** Frees what was compiled. The function may be called again. */
  dispose(): void;
};

/**
 * Compiles a function of tensors on the backend `tensorflow`, where it then runs faster, often at twice the speed, and
 * with less memory. The function runs once for each set of shapes, with tensors that have no values, to record its ops;
 * afterwards only what was recorded runs. So it must be pure: no reading of values, no assigning to variables. Numbers
 * are the same up to rounding.
 *
 * Arguments and results are tensors, arrays and plain objects of them. Pass weights as arguments, so that equal layers
 * share one compilation. Numbers, strings and booleans among the arguments are fixed: other values are recorded anew.
 * A {@link Random} among them is drawn from at each call, as the function itself would. Tensors that the function finds
 * in its surroundings may be used; variables are read at each call.
 *
 * Gradients (`tf.grad`, `tf.variableGrads`) pass through it, compiled too. It runs op by op on other backends, while
 * somebody observes its layers, where gradients of gradients are taken, and where BESTRQ_JIT=0 is set.
 *
 * @throws Error where it is called, if the function cannot be recorded or compiled; the message names op and line
 * @example
 * const layer = jit((weight: tf.Tensor2D, x: tf.Tensor2D) => tf.relu(tf.matMul(x, weight)).mul(0.5));
 * const [weight, x] = [tf.ones<tf.Rank.R2>([3, 5]), tf.ones<tf.Rank.R2>([2, 3])];
 * layer(weight, x).dispose(); // compiles
 * layer(weight, x).dataSync()[0]; // 1.5
 */
export function jit<Arguments extends unknown[], Result>(
  f: (...args: Arguments) => Result,
  options: JitOptions = {},
): Jitted<(...args: Arguments) => Result> {
  const cache = new Cache(f as (...args: unknown[]) => unknown, options);

  const call = (...args: Arguments): Result => {
    const backend = compilingBackend();
    if (!backend || recorder.current || isObserved() || engine.state.profiling || engine.state.gradientDepth > 1) {
      return f(...args);
    }
    const { leaves, key } = flatten(args);
    const compiled = cache.get(backend, args, leaves, key);
    return compiled ? (compiled.call(leaves) as Result) : f(...args);
  };

  return Object.assign(call, { dispose: () => cache.dispose() });
}

/** What was compiled so far in this process. */
jit.statistics = (): { functions: number; compilations: number; seconds: number } => {
  const { functions, compilations, seconds } = compiled;
  return { functions, compilations, seconds };
};

/**
 * From now on, what is compiled how depends on its shapes alone: small work becomes a TensorFlow function at its first
 * call and stays one. Two processes then get the same numbers, bit for bit, however often each has met a shape before.
 *
 * @returns ends it
 */
jit.steady = (): (() => void) => {
  let holds = true;
  steady.holders++;
  return () => {
    if (holds) steady.holders--;
    holds = false;
  };
};

/** Says who is told of every compilation: how many ops it had, and how long it took. */
jit.onCompile = (listener: typeof compiled.onCompile): void => {
  compiled.onCompile = listener;
};

function compilingBackend(): TensorFlowBackend | undefined {
  if (process.env.BESTRQ_JIT === "0" || tf.getBackend() !== "tensorflow") return undefined;
  return tf.backend() as TensorFlowBackend;
}
