// Runs code on shapes alone, without a trace in what is computed for real.
import { unobserved } from "../observe";
import * as tf from "../tf";
import { PlanBackend } from "./backend";
import { type Operations, Tally } from "./flops";
import { frugal } from "./frugal";

/** The inner parts of TensorFlow.js's engine that planning exchanges. Not in its types; pinned with its version. */
interface Engine {
  /** Open tidies and gradients, all tensors and variables, and the count of their bytes. */
  state: { tensorInfo: object; gradientDepth: number; kernelDepth: number; constructor: new () => Engine["state"] };
  backendName?: string;
  backendInstance: tf.KernelBackend | null;
  pendingBackendInit?: unknown;
  clone(x: tf.Tensor): tf.Tensor;
  trackTensor(x: tf.Tensor, backend?: unknown): void;
  /** Beside those of its class: who listens, such as the ledger, lays some of its own over them. */
  [method: string]: unknown;
}

const engine = tf.engine() as unknown as Engine;
tf.registerBackend("plan", () => new PlanBackend(), 0);

/** The planning under way, if any. */
export const underWay: { tally?: Tally; abandon?: () => void } = {};

/** Whether tensors have shapes alone now: whoever would draw or list values for them can leave that be. */
export const isPlanning = (): boolean => engine.backendName === "plan";

/**
 * Runs `body`, which must not await, with every op on the backend "plan", and counts its floating-point operations.
 *
 * Nobody who listens hears of it. The engine keeps its books anew meanwhile: tensors made in `body` are gone afterwards, disposed of or not, variables
 * too, and those made before keep their values, their backend and their place in any tidy or gradient. `body` may use
 * tensors made before (their shapes, that is), and must not dispose of or assign to them.
 */
export function planning<R>(body: () => R): { result: R; operations: Operations } {
  const { state, backendName, backendInstance, pendingBackendInit } = engine;
  const listening = Object.fromEntries(Object.entries(engine).filter(([, own]) => typeof own === "function"));
  const outer = { ...underWay };
  const restore = () => {
    for (const method of Object.keys(frugal())) delete engine[method];
    Object.assign(engine, { state, backendName, backendInstance, pendingBackendInit, ...listening });
    Object.assign(underWay, { tally: undefined, abandon: undefined }, outer);
  };
  const tally = new Tally();
  for (const method of Object.keys(listening)) delete engine[method];
  Object.assign(engine, {
    ...frugal(),
    state: Object.assign(new state.constructor(), { tensorInfo: new Map() }), // a WeakMap of so many is slow
    backendName: "plan",
    backendInstance: tf.findBackend("plan"),
    pendingBackendInit: undefined,
  });
  Object.assign(underWay, { tally, abandon: outer.abandon ?? restore });
  try {
    return { result: unobserved(body), operations: tally };
  } finally {
    restore();
  }
}
