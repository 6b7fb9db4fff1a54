import { type Observer, observe, tf } from "../tensor";

/** The tensors that a mixer shows while it runs, by name; `direction.name` where a mixer runs in two directions. */
export type Taps = Map<string, tf.Tensor>;

/**
 * Runs `body` and keeps what the mixer of one layer taps (`encoder.<layer>.mixer...`).
 * The tensors are copies that the caller disposes.
 */
export function tapsOf(layer: number, body: () => unknown): Taps {
  const taps: Taps = new Map();
  const path: string[] = [];
  const mixer = ["encoder", String(layer), "mixer"];
  const observer: Observer = {
    enter: (name) => path.push(name),
    leave: () => path.pop(),
    tap(name, tensor) {
      if (mixer.some((step, index) => path[index] !== step)) return;
      const inner = path.slice(mixer.length);
      taps.set([...inner, name].join("."), tf.keep(tensor.clone()));
    },
  };
  try {
    observe(observer, () => tf.tidy(() => void body()));
    return taps;
  } catch (error) {
    tf.dispose([...taps.values()]);
    throw error;
  }
}
