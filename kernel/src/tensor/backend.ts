// Which engine computes: libtensorflow where it can be had, WebAssembly everywhere else.
import { registerTensorFlow } from "./tensorflow";
import * as tf from "./tf";
import { useWasm } from "./wasm";
import { useWebGpu } from "./webgpu";

/** Names that {@link backend.use} takes. */
export type BackendName = "auto" | "tensorflow" | "webgpu" | "wasm";

/** What computes now. */
export interface BackendStatus {
  /** The backend's name in TensorFlow.js: `tensorflow` or `wasm`. */
  name: string;
  /** Where the tensors are. */
  device: "CPU" | "GPU";
  /** Version of libtensorflow, or of TensorFlow.js on the other backends. */
  version: string;
  /** Threads that one op may use; on `tensorflow` set by the environment variable `BESTRQ_THREADS`. */
  threads: number;
  /** Why it is not the backend that one would rather have. */
  reason?: string;
}

const users: Record<BackendName, () => Promise<void>> = {
  tensorflow: useTensorFlow,
  webgpu: useWebGpu,
  wasm: useWasm,
  auto: useBest,
};

let describeTensorFlow: (() => Pick<BackendStatus, "device" | "version" | "threads">) | undefined;
let reason: string | undefined;

/** The choice of backend. Tensors stay on the backend that they were made on: choose before making any. */
export const backend = {
  /**
   * Makes a backend the one that computes.
   *
   * @param name `tensorflow`: libtensorflow on the GPU or the CPU. `wasm`: WebAssembly, no native code, at most 4 GB.
   *   `auto` (default): `tensorflow`, or `wasm` with one line on stderr that says why.
   * @throws RangeError if there is no backend of that name.
   * @throws Error if the backend cannot be loaded; the message says why, and the way out.
   */
  async use(name: BackendName = "auto"): Promise<BackendStatus> {
    const use = Object.hasOwn(users, name) ? users[name] : undefined;
    if (!use) {
      const names = Object.keys(users).join(", ");
      throw new RangeError(`Cannot use the backend ${JSON.stringify(name)}: it must be one of ${names}`);
    }
    reason = undefined;
    await use();
    return backend.status();
  },

  /** Says what computes now. */
  status(): BackendStatus {
    const name = tf.getBackend();
    if (name === "tensorflow" && describeTensorFlow) return { name, ...describeTensorFlow() };
    const status: BackendStatus = { name, device: "CPU", version: tf.version_core, threads: 1 };
    return reason === undefined ? status : { ...status, reason };
  },
};

async function useTensorFlow(): Promise<void> {
  try {
    const { TF_Version: version, context } = await registerTensorFlow();
    describeTensorFlow = () => ({ device: context.isGpu ? "GPU" : "CPU", version, threads: context.threads });
  } catch (error) {
    if (error instanceof RangeError) throw error; // a wrong setting, not a missing library
    throw new Error(`${messageOf(error)}; npm start adds it, and the backend "wasm" works without`, { cause: error });
  }
  await tf.setBackend("tensorflow");
}

async function useBest(): Promise<void> {
  try {
    await useTensorFlow();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    await useWasm();
    reason = messageOf((error as Error).cause);
    process.stderr.write(`bestrq: computing with WebAssembly, which is slower: ${reason}; to add it: npm start\n`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}
