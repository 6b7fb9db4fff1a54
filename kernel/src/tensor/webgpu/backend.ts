// The class WebGPUBackend of TensorFlow.js on a device of Dawn, with errors as exceptions and no reads that wait.
import type * as tf from "../tf";
import type { Adapter } from "./dawn";
import { Faults } from "./faults";
import { publishPool } from "./gauges";
import { boundPool, type Pool } from "./pool";
import { rewritten } from "./rewritten";

/** One WGSL program, as TensorFlow.js describes it. */
export interface Program {
  /** Names the code: two programs with the same key, types and ranks share one compilation. */
  shaderKey: string;
  /** Names of the inputs in the code, each an array; the output is the array `result`. */
  variableNames: string[];
  outputShape: number[];
  workgroupSize: [number, number, number];
  dispatchLayout: { x: number[]; y?: number[]; z?: number[] };
  dispatch: [number, number, number];
  /** Fields of `uniforms` beside the shapes, as in `frames : i32, `. */
  uniforms?: string;
  getUserCode(): string;
}

/** The part of WebGPUBackend that is used, or changed, here. */
export interface WebGpuBackend extends tf.KernelBackend {
  runWebGPUProgram(
    program: Program,
    inputs: tf.TensorInfo[],
    outputType: tf.DataType,
    uniforms?: { type: "int32" | "float32"; data: number[] }[],
    output?: tf.TensorInfo,
  ): tf.TensorInfo;
  makeTensorInfo(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** The commands gathered so far, if any, until they are submitted. */
  readonly commandEncoder: unknown;
  endComputePassEncoder(): void;
  submitQueue(): void;
  readonly bufferManager: Pool;
  /** Keeps what was read, if the tensor is still there. */
  convertAndCacheOnCPU(dataId: object, values: tf.backend_util.BackendValues): tf.backend_util.BackendValues;
  readonly tensorMap: {
    get(dataId: object): Entry;
    data: Pick<Map<object, Entry>, "get" | "set" | "has" | "delete">;
  };
}

interface Entry {
  dtype: tf.DataType;
  refCount: number;
  /** What is known on this side: not yet sent, or read before. */
  values?: tf.backend_util.BackendValues | null;
}

type BackendClass = new (device: unknown, info: object) => WebGpuBackend;

/** A backend on a GPU, and what its owner can ask of it. */
export interface Opened {
  readonly backend: WebGpuBackend;
  readonly faults: Faults;
  /** Copies every tensor to this side, so that another backend can take it over when it meets it. */
  fetchAll(): Promise<void>;
}

/** Limits of WebGPU that grow with the GPU but must be asked for. */
const limits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
];

/** Makes a backend for a GPU. */
export async function openBackend(adapter: Adapter): Promise<Opened> {
  const device = await adapter.requestDevice({
    requiredFeatures: ["timestamp-query"].filter((feature) => adapter.features.has(feature)), // for tf.time()
    requiredLimits: Object.fromEntries(limits.map((name) => [name, adapter.limits[name]])),
  });
  const faults = new Faults(device);
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu"); // registers its kernels
  const backend = inBrowser(() => new (WebGPUBackend as unknown as BackendClass)(device, adapter.info));
  const live = new Map<object, Entry>();
  backend.tensorMap.data = live; // instead of a WeakMap, which cannot tell what it holds
  backend.convertAndCacheOnCPU = (dataId, values) => {
    const entry = live.get(dataId);
    if (entry) entry.values = values; // else disposed while it was on its way
    return values;
  };
  const memory = backend.memory.bind(backend);
  backend.memory = () => {
    if (backend.commandEncoder) submit(backend); // what it disposed of is free only then
    return memory();
  };
  boundPool(backend);
  publishPool(backend.bufferManager);
  reportFaults(backend, faults);
  refuseToWait(backend, live);
  const fetchAll = async () => {
    const away = [...live].filter(
      ([, entry]) => entry.values == null && entry.dtype !== "complex64" && entry.refCount > 0,
    );
    await Promise.all(away.map(([dataId]) => backend.read(dataId)));
  };
  return { backend, faults, fetchAll };
}

/** Runs `body` with the one global by which WebGPUBackend knows that there is WebGPU. */
function inBrowser<T>(body: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu: {} }, configurable: true });
  try {
    return body();
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
}

function submit(backend: WebGpuBackend): void {
  backend.endComputePassEncoder();
  backend.submitQueue();
}

function reportFaults(backend: WebGpuBackend, faults: Faults): void {
  const run = backend.runWebGPUProgram.bind(backend);
  backend.runWebGPUProgram = (program, inputs, type, uniforms, given) => {
    const output = given ?? backend.makeTensorInfo(program.outputShape, type);
    try {
      run(rewritten(program, type), inputs, type, uniforms, output);
      faults.raise();
      return output;
    } catch (error) {
      if (!given) backend.disposeData(output.dataId);
      const seen = inputs.map(({ dtype, shape }) => `${dtype} [${shape.join(",")}]`).join(", ");
      const what = `${program.constructor.name.replace(/Program\d*$/, "")} on ${seen}`;
      throw withPrefix(`Cannot run ${what} on the backend "webgpu"`, error as Error);
    }
  };
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    faults.raise();
    const values = await read(dataId).catch((error) => {
      faults.raise();
      throw error;
    });
    faults.raise();
    return values;
  };
}

function withPrefix(prefix: string, error: Error): Error {
  const same = error instanceof RangeError ? RangeError : Error;
  return new same(`${prefix}: ${error.message}`, { cause: error.cause ?? error });
}

function refuseToWait(backend: WebGpuBackend, live: Map<object, Entry>): void {
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    const entry = live.get(dataId);
    if (entry && entry.values == null && entry.dtype !== "string" && entry.dtype !== "complex64")
      throw new Error(
        'Cannot read a tensor of the backend "webgpu" at once: what the GPU computes arrives later; ' +
          "use await x.data() or await x.array() instead of x.dataSync() or x.arraySync()",
      );
    return readSync(dataId);
  };
}
