// One run of a cell: what is shown because of it is shown below it, however late.
import timers = require("node:timers");

import { promisify } from "node:util";
import { promiseHooks } from "node:v8";
import { send } from "./channel";
import type { Header } from "./protocol";

export interface Run {
  readonly parent: Header;
  readonly silent: boolean;
  /** Whether there is someone to ask for input. */
  readonly allowStdin: boolean;
  /** Aborted when the cell is interrupted. */
  readonly abort: AbortController;
  /** Ends the cell with what it is to have thrown; nothing if it is over. */
  end?: (thrown: unknown) => void;
  /** What the cell has begun to show: it is not over before that is sent. */
  readonly shown: Promise<unknown>[];
  /** What the latest piece of code evaluated to, or threw. */
  value?: unknown;
  thrown?: unknown;
}

export function newRun(parent: Header, { silent = false, allowStdin = false } = {}): Run {
  return { parent, silent, allowStdin, abort: new AbortController(), shown: [] };
}

let latest = newRun({});
let current = latest;

/** The run that what happens now belongs to. */
export function currentRun(): Run {
  return current;
}

/** From now on what nothing else is known of belongs to `run`. */
export function beginRun(run: Run): void {
  latest = run;
  current = run;
}

/** All that `body` does, and all that it sets going, belongs to `run`. */
export function during(run: Run, body: () => void): void {
  const before = current;
  current = run;
  try {
    body();
  } finally {
    current = before;
  }
}

/** Sends an iopub message in the name of the current run. */
export function publish(
  type: string,
  content: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
  buffers: Uint8Array[] = [],
): void {
  const { parent, silent } = current;
  if (!silent) send({ kind: "publish", type, content, metadata, buffers, parent });
}

class Itself {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: so that the class below adds its field to any object
    return object;
  }
}

/** A private field on any object: the run that it came from. A third of the price of a WeakMap, and not to be seen. */
class Origin extends Itself {
  readonly #run: Run;
  constructor(object: object, run: Run) {
    super(object);
    this.#run = run;
  }
  static of(object: object): Run | undefined {
    return #run in object ? object.#run : undefined;
  }
}

/** The run that made a promise. */
export function runOf(promise: Promise<unknown>): Run {
  return Origin.of(promise) ?? latest;
}

/**
 * From now on promises and timers know their run, for 60 ns each. Node's AsyncLocalStorage would do the same, but on
 * Node 20 and 22 it rests on async hooks, and those do not survive that a cell is terminated.
 */
export function followRuns(): void {
  promiseHooks.createHook({
    init: (promise) => new Origin(promise, current),
    before: (promise) => {
      current = Origin.of(promise) ?? latest;
    },
    after: returnToLatest,
  });
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const carrying = carryingRun(timers[name] as unknown as Schedule);
    Object.defineProperty(carrying, promisify.custom, { value: timers[name][promisify.custom as never] });
    Object.assign(timers, { [name]: carrying });
    Object.assign(globalThis, { [name]: carrying });
  }
  globalThis.queueMicrotask = carryingRun(globalThis.queueMicrotask as Schedule);
  process.nextTick = carryingRun(process.nextTick as Schedule, { isTick: true }) as typeof process.nextTick;
}

let drops = 0;

/**
 * Nothing that was put off until the next tick is called any more. Between two events nothing is, unless ticks were cut off:
 * one that calls for the next would go on without end where it is taken up again.
 */
export function dropTicks(): void {
  drops++;
}

/** To be called when something that belonged to a run is over. */
export function returnToLatest(): void {
  current = latest;
}

type Callback = (...values: unknown[]) => unknown;
type Schedule = (callback: Callback, ...rest: unknown[]) => never;

function carryingRun(schedule: Schedule, { isTick = false } = {}): Schedule {
  const carrying: Schedule = (callback, ...rest) => {
    if (typeof callback !== "function") return schedule(callback, ...rest); // which says what is wrong
    const [run, before] = [current, drops];
    const carried = function (this: unknown, ...values: unknown[]) {
      if (isTick && drops !== before) return;
      current = run;
      callback.apply(this, values); // should it throw, the run stays the current one for whoever reports that
      current = latest;
    };
    return schedule(carried, ...rest);
  };
  Object.defineProperty(carrying, "name", { value: schedule.name });
  return carrying;
}
