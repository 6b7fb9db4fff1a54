import { type Observer, observe, tf } from "../tensor";

/** The tensors that a mixer shows while it runs, by name; `direction.name` where a mixer runs in two directions. */
export type Taps = Map<string, tf.Tensor>;

/**
 * Runs `body` and keeps what the mixers of these layers tap (`encoder.<layer>.mixer...`), in their order.
 * The tensors are copies that the caller disposes.
 */
export function tapsOf(layers: readonly number[], body: () => unknown): Taps[] {
  const taps = new Map(layers.map((layer): [string, Taps] => [String(layer), new Map()]));
  const path: string[] = [];
  const observer: Observer = {
    enter: (name) => path.push(name),
    leave: () => path.pop(),
    tap(name, tensor) {
      const [encoder, layer, mixer, ...inner] = path;
      // Attention is made of what else is tapped, and is left: it grows with T².
      if (encoder !== "encoder" || mixer !== "mixer" || name === "attention") return;
      taps.get(layer)?.set([...inner, name].join("."), tf.keep(tensor.clone()));
    },
  };
  const all = [...taps.values()];
  try {
    observe(observer, () => tf.tidy(() => void body()));
    return all;
  } catch (error) {
    tf.dispose(all.flatMap((one) => [...one.values()]));
    throw error;
  }
}
