import { readFile } from "node:fs/promises";
import { display, LiveTrace, MemoryLog } from "../figures";
import { tf } from "../tensor";
import { type Held, Ledger } from "./ledger";
import { MemoryProfile, type Recording } from "./memoryProfile";

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** What the figure is called (default: "Memory"). */
  readonly title?: string;
  /** Tensors alive already that belong to the account, with paths: `model.entries()`. */
  readonly held?: Held;
  /** Shows the trace at once and lets it grow while the body runs; the body should await now and then (default false). */
  readonly live?: boolean;
}

let latest: MemoryProfile<undefined> | undefined;

/**
 * Runs `body` once and records every allocation and release of the backend, with the layer (by `span`) and the op
 * behind it, forward and backward. The same work gives the same account on every backend; what a kernel uses inside
 * itself is not seen. What `jit` would compile runs op by op meanwhile: there is no layer or op inside what was compiled.
 *
 * @throws Error where another recording is under way; what the body throws, too: `last()` then has the account until there
 * @example
 * const { peakBytes } = await profile.memory(() => tf.tidy(() => tf.ones([1000, 10]).sum().arraySync()));
 * peakBytes; // 40004
 */
export async function memory<R>(
  body: () => R | Promise<R>,
  { title = "Memory", held = [], live = false }: MemoryOptions = {},
): Promise<MemoryProfile<R>> {
  const log = new MemoryLog();
  const trace = live ? new LiveTrace({ title, log }) : undefined;
  if (trace) display(trace);
  const recording = (returned: readonly number[]): Recording => {
    return { title, held: ledger.held, returned, variables: ledger.valuesOfVariables };
  };
  const ledger = new Ledger(log, {
    grew: trace && (() => trace.grew()),
    ended: () => {
      // The account first: an interrupt may cut off what is shown.
      if (log.length > 0) latest = new MemoryProfile(recording([]), undefined, log);
      trace?.finish();
    },
  });
  const result = await ledger.record(body, held);
  return new MemoryProfile(recording(tensorsIn(result).map((tensor) => ledger.numberOf(tensor))), result, log);
}

/** The account of the latest recording, also of one whose body threw or was interrupted. */
export const last = (): MemoryProfile<undefined> | undefined => latest;

/** What one run has alive at its peak more or less than another, by layer, by op or by kind. */
export const compare = (
  before: MemoryProfile<unknown>,
  after: MemoryProfile<unknown>,
  by?: Parameters<MemoryProfile<unknown>["difference"]>[1],
): ReturnType<MemoryProfile<unknown>["difference"]> => before.difference(after, by);

/** Reads what {@link MemoryProfile.save} wrote. @throws Error where the file is something else */
export async function load(path: string): Promise<MemoryProfile<undefined>> {
  const { log, facts } = MemoryLog.fromIPC(await readFile(path));
  const { title = path, held = 0, returned = [], variables = [] } = facts as Partial<Recording>;
  return new MemoryProfile({ title, held, returned, variables }, undefined, log);
}

/** Tensors in arrays and plain objects. */
function tensorsIn(value: unknown, seen = new Set<unknown>()): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return [];
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain) return [];
  seen.add(value);
  return Object.values(value).flatMap((part) => tensorsIn(part, seen));
}
