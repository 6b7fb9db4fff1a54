// jit(f): the ops of a function recorded once for each set of shapes, compiled by TensorFlow, and run as one.
import { Compiled } from "./jit/compiled";
import { compiled } from "./jit/functions";
import { recorder } from "./jit/recorder";
import { engine, isTapeOn, wantedIds } from "./jit/tape";
import { trace } from "./jit/trace";
import { flatten } from "./jit/trees";
import { isObserved } from "./observe";
import type { TensorFlowBackend } from "./tensorflow/backend";
import * as tf from "./tf";

/** How {@link jit} compiles. */
export interface JitOptions {
  /** Whether XLA compiles the function (default), or TensorFlow runs its ops as they are, with nothing in between. */
  readonly xla?: boolean;
  /** What happens where it cannot be compiled: an error that says why (default), or running it op by op. */
  readonly fallback?: "error" | "eager";
  /** Sets of shapes that are kept compiled; the one not used for longest goes first (default 16). */
  readonly cache?: number;
}

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
 * layer(weight, x); // compiles
 * layer(otherWeight, otherX); // of the same shapes: runs what is compiled
 */
export function jit<Arguments extends unknown[], Result>(
  f: (...args: Arguments) => Result,
  { xla = true, fallback = "error", cache: capacity = 16 }: JitOptions = {},
): Jitted<(...args: Arguments) => Result> {
  const cache = new Map<string, Compiled | "eager">();

  const get = (backend: TensorFlowBackend, args: Arguments, key: string, wanted?: ReadonlySet<number>) => {
    const known = cache.get(key);
    cache.delete(key);
    if (known === "eager" || known?.serves(wanted)) {
      cache.set(key, known); // the last in order is the one used last
      return known;
    }
    known?.dispose();
    const made = new Compiled(backend, trace(backend, f as (...args: unknown[]) => unknown, args, wanted), xla);
    cache.set(key, made);
    if (cache.size > capacity) {
      const [oldest] = cache.keys();
      forget(oldest);
    }
    return made;
  };

  const forget = (key: string) => {
    const one = cache.get(key);
    cache.delete(key);
    if (one !== "eager") one?.dispose();
  };

  const call = (...args: Arguments): Result => {
    const backend = compilingBackend();
    if (!backend || recorder.current || isObserved() || engine.state.profiling) return f(...args);
    if (engine.state.gradientDepth > 1) return f(...args);
    const { leaves, key: shapes } = flatten(args);
    const wanted = isTapeOn() ? wantedIds() : undefined;
    const wantedLeaves = wanted
      ? leaves.flatMap((leaf, index) => ("id" in leaf && wanted.has(leaf.id) ? [index] : []))
      : "";
    const key = `${wantedLeaves} ${shapes}`;
    try {
      const known = get(backend, args, key, wanted);
      if (known !== "eager") return known.call(leaves) as Result;
    } catch (error) {
      if (fallback === "error") throw error;
      forget(key);
      cache.set(key, "eager");
    }
    return f(...args);
  };

  return Object.assign(call, {
    dispose: () => {
      for (const key of [...cache.keys()]) forget(key);
    },
  });
}

/** What was compiled so far in this process. */
jit.statistics = (): { functions: number; compilations: number; seconds: number } => {
  const { functions, compilations, seconds } = compiled;
  return { functions, compilations, seconds };
};

/** Says who is told of every compilation: how many ops it had, and how long it took. */
jit.onCompile = (listener: typeof compiled.onCompile): void => {
  compiled.onCompile = listener;
};

function compilingBackend(): TensorFlowBackend | undefined {
  if (process.env.BESTRQ_JIT === "0" || tf.getBackend() !== "tensorflow") return undefined;
  return tf.backend() as TensorFlowBackend;
}
