// What `auto` takes: the best backend that works on this machine, and why it is not one of the better ones.
import * as tf from "../tf";
import { probe } from "../webgpu";
import { engines } from "./engines";
import { cpuName, hasNvidiaDriver, mayHaveGpu } from "./machine";
import { BackendStatus, type Better, type Description } from "./status";
import { asUnusable, Unusable } from "./unusable";

/** Best first. */
const candidates: { name: string; use(): Promise<Description> }[] = [
  { name: "tensorflow on the GPU", use: tensorflowOnGpu },
  { name: "webgpu", use: webgpuOnGpu },
  { name: "tensorflow", use: engines.tensorflow },
  { name: "wasm", use: engines.wasm },
  { name: "cpu", use: plainJavaScript },
];

/** What is slow enough to be told at once. */
const slow: Record<string, string> = {
  wasm: "with WebAssembly, which is slower",
  cpu: "with plain JavaScript, which is much slower",
};

/**
 * Makes the best backend the one that computes. One line on stderr tells where that is a slow one, or a GPU's driver is
 * broken.
 */
export async function choose(): Promise<BackendStatus> {
  const better: Better[] = [];
  let broken: Better | undefined;
  for (const { name, use } of candidates) {
    try {
      const status = new BackendStatus(await use(), better);
      const how = slow[status.name];
      if (how) tell(how, better.at(-1));
      else if (broken) tell(`on the ${status.device}`, broken);
      return status;
    } catch (error) {
      if (error instanceof RangeError) throw error; // a wrong setting, which is the user's to put right
      const reason = asUnusable(error);
      const { message, command } = reason;
      better.push({ name, reason: message, ...(command ? { command } : {}) });
      if (reason.broken) broken = better.at(-1);
    }
  }
  throw new Error("Cannot compute: not even plain JavaScript works");
}

async function tensorflowOnGpu(): Promise<Description> {
  if (!hasNvidiaDriver()) throw new Unusable("no NVIDIA driver is loaded");
  const description = await engines.tensorflow();
  if (description.device === "GPU") return description;
  throw new Unusable("libtensorflow finds no GPU that it can use", { command: "npm start", broken: true });
}

async function webgpuOnGpu(): Promise<Description> {
  if (!mayHaveGpu()) throw new Unusable("this machine shows no GPU");
  const { name, software } = await probe();
  if (software) throw new Unusable(`the only GPU is ${name}, a program on the CPU`);
  return engines.webgpu();
}

/** TensorFlow.js by itself. */
async function plainJavaScript(): Promise<Description> {
  (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false; // without its banner
  await tf.setBackend("cpu");
  return { name: "cpu", device: "CPU", deviceName: cpuName(), version: tf.version_core, threads: 1 };
}

function tell(how: string, { reason, command }: Partial<Better> = {}): void {
  process.stderr.write(`bestrq: computing ${how}: ${reason}${command ? `; to add it: ${command}` : ""}\n`);
}
