// Whose a moment of a computation is: the layer by its spans, also while back-propagation runs the gradients of its ops.
import type { Observer } from "./observe";
import * as tf from "./tf";

/**
 * What runs: back-propagation is the engine's own; the optimizer's is what happens in a span of that name; what was alive
 * before, and what comes after back-propagation outside of spans, has no name.
 */
export type Phase = "forward" | "backward" | "optimizer" | "";

/** A layer while it runs, or the gradient of one of its ops. */
export interface Place {
  /** Path of spans: `encoder.3.mixer`; empty outside of them. */
  readonly layer: string;
  /** First step of the path. */
  readonly first: string;
  /** Until the layer, or the gradient, has ended. */
  running: boolean;
  /** That it is the gradient of an op. */
  readonly gradient?: boolean;
}

type Gradient = (dys: unknown) => Record<string, () => tf.Tensor>;
/** An op on the tape. */
interface Taped {
  gradient?: Gradient;
}
/** The few inner parts of TensorFlow.js's engine that run gradients. They are not in its types; pinned with its version. */
interface Engine {
  state: { activeTape?: Taped[] };
  addTapeNode(...node: unknown[]): void;
  tidy(nameOrBody: unknown, body?: () => unknown): unknown;
}

/** Follows spans and back-propagation. */
export class Attribution {
  place: Place = { layer: "", first: "", running: true };
  private now: Phase = "forward";
  private readonly outer: Place[] = [];

  /** @param changing is called before the place or the phase changes */
  constructor(private readonly changing: () => void = () => {}) {}

  get phase(): Phase {
    return this.place.first === "optimizer" ? "optimizer" : this.now;
  }

  readonly observer: Pick<Required<Observer>, "enter" | "leave"> = {
    enter: (name) => {
      this.changing();
      if (this.now === "") this.now = "forward";
      const { layer, first } = this.place;
      this.outer.push(this.place);
      this.place = layer
        ? { layer: `${layer}.${name}`, first, running: true }
        : { layer: name, first: name, running: true };
    },
    leave: () => {
      this.changing();
      this.place.running = false;
      this.place = this.outer.pop() ?? this.place;
    },
  };

  /**
   * Lays a method over each of the engine's that runs gradients: what the gradient of an op does belongs to the layer that
   * ran the op.
   *
   * @param computed is told each gradient that back-propagation is handed
   * @returns what takes them off
   */
  listen(computed: (gradient: tf.Tensor) => void = () => {}): () => void {
    const attribution = this;
    const engine = tf.engine() as unknown as Engine;
    const { addTapeNode, tidy } = engine;
    return overlay<Engine>(engine, {
      addTapeNode(...node) {
        addTapeNode.apply(engine, node);
        const added = engine.state.activeTape?.at(-1);
        if (added?.gradient) added.gradient = attribution.attributed(added, added.gradient, computed);
      },
      tidy(nameOrBody, body) {
        const run = () => tidy.call(engine, nameOrBody, body);
        return nameOrBody === "backward" ? attribution.backward(run) : run(); // the engine's name for back-propagation
      },
    });
  }

  private attributed(op: Taped, gradient: Gradient, computed: (gradient: tf.Tensor) => void): Gradient {
    const { place } = this; // nothing of its own: an hour of attention has 100,000 of these
    return (dys) => {
      const gradients = this.within(place, () => gradient.call(op, dys));
      const attributed = Object.entries(gradients).map(([input, compute]) => [
        input,
        () => {
          const result = this.within(place, compute);
          computed(result);
          return result;
        },
      ]);
      return Object.fromEntries(attributed);
    };
  }

  private within<R>({ layer, first }: Place, body: () => R): R {
    const outer = this.place;
    const place = { layer, first, running: true, gradient: true };
    this.changing();
    this.place = place;
    try {
      return body();
    } finally {
      this.changing();
      place.running = false;
      this.place = outer;
    }
  }

  private backward<R>(run: () => R): R {
    const outer = this.now;
    this.changing();
    this.now = "backward";
    try {
      const result = run();
      this.changing();
      this.now = "";
      return result;
    } catch (error) {
      this.now = outer;
      throw error;
    }
  }
}

/** Gives an object methods in front of those that it has. @returns what puts them back; the last overlay comes off first */
export function overlay<T extends object>(object: T, methods: Partial<T>): () => void {
  const names = Object.keys(methods) as (keyof T)[];
  const before = names.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]]);
  Object.assign(object, methods);
  return () => {
    for (const name of names.reverse()) delete object[name]; // the last first: V8 then keeps the object's layout, and its speed
    Object.assign(object, Object.fromEntries(before));
  };
}
