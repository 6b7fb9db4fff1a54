// Where observers (profile/, maps/) look into the layers. Off, each call costs one branch.
import type { Tensor } from "./tf";

/** What an observer is told. All of it is plain data, or a tensor that it may read but must not dispose. */
export interface Observer {
  /** A layer begins: `name` is one step of a path such as `encoder.3.mixer`. */
  enter?(name: string): void;
  /** The layer that began last ends, by return or by exception. */
  leave?(): void;
  /** A tensor worth looking at, under the name that the mixer's equation gives it (`attention`, `step size`, ...). */
  tap?(name: string, tensor: Tensor): void;
  /** It looks at layers from outside: what `jit` compiled runs compiled, and tells nothing of what happens inside. */
  readonly fromOutside?: boolean;
  /** What it observes was interrupted in a notebook, may never return, and is observed no more. */
  abandon?(): void;
}

let observers: readonly Observer[] = [];
/** Those who are not told for now. */
let waiting: readonly Observer[] = [];

/**
 * Runs `body` while `observer` listens to every {@link span} and {@link tap} in it; if it gives a promise, until that
 * settles. Observers may be nested.
 */
export function observe<R>(observer: Observer, body: () => R): R {
  observers = [...observers, observer];
  return untilDone(body, () => {
    observers = observers.filter((one) => one !== observer);
  });
}

/** Runs `body`, and `leave` when it is done: when it returns or throws or, if it gives a promise, when that settles. */
function untilDone<R>(body: () => R, leave: () => void): R {
  let result: R;
  try {
    result = body();
  } catch (error) {
    leave();
    throw error;
  }
  if (result instanceof Promise) return result.finally(leave) as R;
  leave();
  return result;
}

/** Runs `body` without telling those who listen already. */
export function unobserved<R>(body: () => R): R {
  const outer = { observers, waiting };
  [observers, waiting] = [[], [...waiting, ...observers]];
  try {
    return body();
  } finally {
    ({ observers, waiting } = outer);
  }
}

/** Ends all that {@link observe} has begun. */
export function abandonObservers(): void {
  const told = [...observers, ...waiting];
  [observers, waiting] = [[], []];
  for (const observer of told) observer.abandon?.();
}

/** Whether anybody observes what happens inside layers. */
export const isObserved = (): boolean => observers.some(({ fromOutside }) => !fromOutside);

/**
 * Names the part of a model that `body` computes, until it returns or, where it is asynchronous, until it is done; names
 * nest into paths. Yours can stand beside the library's.
 */
export function span<R>(name: string, body: () => R): R {
  if (observers.length === 0) return body();
  const told = observers;
  for (const observer of told) observer.enter?.(name);
  return untilDone(body, () => {
    for (const observer of told) observer.leave?.();
  });
}

/** Shows an intermediate tensor to whoever observes and returns it unchanged. */
export function tap<T extends Tensor>(name: string, tensor: T): T {
  for (const observer of observers) observer.tap?.(name, tensor);
  return tensor;
}
