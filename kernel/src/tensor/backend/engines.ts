// The backends by name: each makes itself the one that computes, and describes itself.
import { registerTensorFlow } from "../tensorflow";
import { locateTensorFlow } from "../tensorflow/locate";
import * as tf from "../tf";
import { useWasm } from "../wasm";
import { useWebGpu } from "../webgpu";
import { checkAddressSpace, checkWhole } from "./loadable";
import { cpuName, nvidiaName } from "./machine";
import type { Description } from "./status";
import { asUnusable } from "./unusable";

/** Backends that can be asked for. */
export type Engine = "tensorflow" | "webgpu" | "wasm";

/** @throws Unusable if this machine lacks what the backend needs; RangeError if a setting is wrong. */
export const engines: Record<Engine, () => Promise<Description>> = {
  tensorflow: useTensorFlow,
  webgpu: useWebGpu,
  wasm: useWasm,
};

async function useTensorFlow(): Promise<Description> {
  try {
    checkAddressSpace();
    for (const library of Object.values(locateTensorFlow())) checkWhole(library);
    const { TF_Version: version, context } = await registerTensorFlow();
    await tf.setBackend("tensorflow");
    const [device, deviceName] = context.isGpu ? (["GPU", nvidiaName()] as const) : (["CPU", cpuName()] as const);
    return { name: "tensorflow", device, deviceName, version, threads: context.threads };
  } catch (error) {
    if (error instanceof RangeError) throw error; // a wrong setting, not a missing library
    throw asUnusable(error, "npm start");
  }
}
