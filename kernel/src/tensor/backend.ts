// Which engine computes: the fastest that this machine has, or the one asked for.
import { choose } from "./backend/choose";
import { type Engine, engines } from "./backend/engines";
import { BackendStatus, type Description } from "./backend/status";
import { Unusable } from "./backend/unusable";
import * as tf from "./tf";
import { fetchFromGpu } from "./webgpu";

/** Names that {@link backend.use} takes. */
export type BackendName = "auto" | Engine;

export type { BackendStatus };

let current: BackendStatus | undefined;

/** The choice of backend. It can change at any time: a tensor goes along when another backend meets it. */
export const backend = {
  /**
   * Makes a backend the one that computes.
   *
   * @param name `tensorflow`: libtensorflow, on an NVIDIA GPU or the CPU. `webgpu`: any GPU; what it computes can be read
   *   by `await x.data()` only, not by `x.dataSync()`. `wasm`: WebAssembly, no native code, at most 4 GB.
   *   `auto` (default): the best of `tensorflow` on an NVIDIA GPU, `webgpu`, `tensorflow` on the CPU, and `wasm`.
   * @throws RangeError if there is no backend of that name.
   * @throws Error if the backend cannot be used here; the message says why, and the command that would change that.
   */
  async use(name: BackendName = "auto"): Promise<BackendStatus> {
    if (name !== "auto" && !Object.hasOwn(engines, name)) {
      const names = [...Object.keys(engines), "auto"].join(", ");
      throw new RangeError(`Cannot use the backend ${JSON.stringify(name)}: it must be one of ${names}`);
    }
    if (tf.getBackend() === "webgpu") await fetchFromGpu();
    current = name === "auto" ? await choose() : new BackendStatus(await named(name));
    return current;
  },

  /** Says what computes now, on what device, and why it is not something better. A notebook shows it. */
  status(): BackendStatus {
    const name = tf.getBackend();
    if (current?.name === name) return current;
    return new BackendStatus({ name, device: "CPU", deviceName: "", version: tf.version_core, threads: 1 });
  },
};

async function named(name: Engine): Promise<Description> {
  try {
    return await engines[name]();
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const { message, command } = error;
    const wayOut = command ? `${command} adds it, and the` : "the";
    const sentence = /^Cannot/.test(message) ? message : `Cannot use the backend "${name}": ${message}`;
    throw new Error(name === "wasm" ? sentence : `${sentence}; ${wayOut} backend "wasm" works without`, {
      cause: error,
    });
  }
}
