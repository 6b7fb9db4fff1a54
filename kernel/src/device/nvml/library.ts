// NVIDIA's management library (nvml.h): the calls that are needed, in the newest version that the driver has.
import { cString, type NativeLibrary, openNative, type StatusFunction } from "../native";
import { type GpuProcess, largestProcess, readProcesses, untouched } from "./processes";

const libraryName = process.platform === "win32" ? "nvml.dll" : "libnvidia-ml.so.1";

/** `nvmlReturn_t`, as far as it matters here. */
export const Status = {
  success: 0,
  invalidArgument: 2,
  notSupported: 3,
  noPermission: 4,
  notFound: 6,
  insufficientSize: 7,
  functionNotFound: 13,
  gpuIsLost: 15,
  resetRequired: 16,
  versionMismatch: 25,
  gpuNotFound: 28,
} as const;

/** A call that NVML refused. The message is NVML's own. */
export class NvmlError extends Error {
  constructor(
    readonly status: number,
    words: string,
  ) {
    super(words);
  }
}

/** `nvmlDevice_t`: a card, or a MIG device of one. */
export type Device = bigint;

export interface MemoryInfo {
  readonly total: number;
  readonly used: number;
  /** Whether what the driver keeps for itself is in `used`. */
  readonly withReserve: boolean;
}

const nameBytes = 96; // NVML_DEVICE_NAME_V2_BUFFER_SIZE

/** Functions by name, the newest first: an older one takes its place where the driver does not know it. */
const versions = {
  init: ["nvmlInit_v2()"],
  count: ["nvmlDeviceGetCount_v2(void*)"],
  handle: ["nvmlDeviceGetHandleByIndex_v2(unsigned int, void*)"],
  name: ["nvmlDeviceGetName(void*, void*, unsigned int)"],
  memory: ["nvmlDeviceGetMemoryInfo_v2(void*, void*)", "nvmlDeviceGetMemoryInfo(void*, void*)"],
  processes: ["_v3", "_v2", ""].map((version) => `nvmlDeviceGetComputeRunningProcesses${version}(void*, void*, void*)`),
  migMode: ["nvmlDeviceGetMigMode(void*, void*, void*)"],
  migCount: ["nvmlDeviceGetMaxMigDeviceCount(void*, void*)"],
  migHandle: ["nvmlDeviceGetMigDeviceHandleByIndex(void*, unsigned int, void*)"],
} as const;

export class Nvml {
  /** What the driver has of each function, the newest first. */
  readonly #functions: Record<keyof typeof versions, { prototype: string; call: StatusFunction }[]>;

  private constructor(private readonly library: NativeLibrary) {
    const found = Object.entries(versions).map(([name, prototypes]) => {
      const calls = prototypes.map((prototype) => ({ prototype, call: library.find(`int ${prototype}`) }));
      return [name, calls.filter(({ call }) => call)];
    });
    this.#functions = Object.fromEntries(found);
  }

  /** Opens the library. @throws Error if there is none */
  static async open(name = libraryName): Promise<Nvml> {
    return new Nvml(await openNative(name));
  }

  /** @throws NvmlError where NVML refuses, as all that follow */
  async init(): Promise<void> {
    await this.#call("init");
  }

  /** The cards, by NVML's numbers. */
  async devices(): Promise<Map<number, Device>> {
    const count = new Uint32Array(1);
    await this.#call("count", count);
    return this.#each(count[0], (index, out) => this.#call("handle", index, out));
  }

  /** The parts that a card is cut into, by NVML's numbers; none where it is whole. */
  async migDevices(device: Device): Promise<Map<number, Device>> {
    const [current, pending, most] = [new Uint32Array(1), new Uint32Array(1), new Uint32Array(1)];
    try {
      await this.#call("migMode", device, current, pending);
      if (current[0] !== 1) return new Map();
      await this.#call("migCount", device, most);
    } catch {
      return new Map(); // a card that cannot be cut, or a driver that knows nothing of it
    }
    return this.#each(most[0], (index, out) => this.#call("migHandle", device, index, out));
  }

  async name(device: Device): Promise<string> {
    const buffer = new Uint8Array(nameBytes);
    await this.#call("name", device, buffer, nameBytes);
    return cString(buffer);
  }

  async memory(device: Device): Promise<MemoryInfo> {
    const info = new BigUint64Array(5); // nvmlMemory_v2_t: version, total, reserved, free, used
    info[0] = BigInt(info.byteLength | (2 << 24));
    const used = await this.#call("memory", device, info);
    const isV2 = used.includes("_v2");
    const [total, inUse] = isV2 ? [info[1], info[4]] : [info[0], info[2]]; // nvmlMemory_t: total, free, used
    return { total: Number(total), used: Number(inUse), withReserve: !isV2 };
  }

  /** The processes that compute on a card. */
  async processes(device: Device): Promise<GpuProcess[]> {
    for (let most = 32; ; most *= 4) {
      const [count, infos] = [Uint32Array.of(most), untouched(most * largestProcess)];
      try {
        await this.#call("processes", device, count, infos);
        return readProcesses(infos, count[0]);
      } catch (error) {
        if (!(error instanceof NvmlError) || error.status !== Status.insufficientSize || most > 4096) throw error;
      }
    }
  }

  /** The handles of those numbers that have one. */
  async #each(count: number, get: (index: number, out: BigUint64Array) => Promise<unknown>) {
    const found = new Map<number, Device>();
    for (let index = 0; index < count; index++) {
      const out = new BigUint64Array(1);
      try {
        await get(index, out);
        found.set(index, out[0]);
      } catch (error) {
        if (!(error instanceof NvmlError)) throw error; // else: not for this user, or no part of this number
      }
    }
    return found;
  }

  /** Calls the newest version that the driver knows, and says which one that was. */
  async #call(name: keyof typeof versions, ...args: Parameters<StatusFunction>): Promise<string> {
    const functions = this.#functions[name];
    while (functions.length > 0) {
      const [{ prototype, call }] = functions;
      const status = await call(...args);
      if (status === Status.success) return prototype;
      if (status !== Status.functionNotFound && status !== Status.versionMismatch) {
        throw new NvmlError(status, this.#words(status));
      }
      if (functions[0].call === call) functions.shift(); // else: another card's call did
    }
    throw new NvmlError(Status.functionNotFound, "the driver does not know the function");
  }

  #words(status: number): string {
    try {
      return this.library.text("const char* nvmlErrorString(int)", status);
    } catch {
      return `status ${status}`;
    }
  }
}
