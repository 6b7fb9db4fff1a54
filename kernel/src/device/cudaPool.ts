// The pool of memory that CUDA's driver keeps for TensorFlow, where TF_GPU_ALLOCATOR=cuda_malloc_async has TensorFlow use
// it: the only allocator of TensorFlow's that tells its true peak to someone outside.
import { cString, environment, isLoaded, openNative, type StatusFunction } from "./native";
import { type DeviceSeries, Probe, type Values } from "./probe";

const libraryName = process.platform === "win32" ? "nvcuda.dll" : "libcuda.so.1";

/** `CUmemPool_attribute` (cuda.h). */
const Attribute = { reserved: 5, used: 7, usedHigh: 8 } as const;

const prototypes = {
  cuInit: "int cuInit(unsigned int)",
  cuDeviceGetCount: "int cuDeviceGetCount(void*)",
  cuDeviceGet: "int cuDeviceGet(void*, int)",
  cuDeviceGetName: "int cuDeviceGetName(void*, int, int)",
  cuDeviceGetDefaultMemPool: "int cuDeviceGetDefaultMemPool(void*, int)",
  cuMemPoolGetAttribute: "int cuMemPoolGetAttribute(void*, int, void*)",
  cuMemPoolSetAttribute: "int cuMemPoolSetAttribute(void*, int, void*)",
};
type Cuda = Record<keyof typeof prototypes, StatusFunction>;

interface Pool {
  readonly key: string;
  readonly label: string;
  readonly pool: bigint;
}

/** Nothing is asked of CUDA before TensorFlow has loaded it: whoever comes first decides which cards are seen. */
export class CudaPoolProbe extends Probe {
  #cuda: Cuda | undefined;
  #pools: Pool[] = [];
  #isOver = false;

  async sample(): Promise<Values> {
    if (this.#isOver) return {};
    try {
      if (!this.#cuda && !(await this.#open())) return {};
      const values: Record<string, number> = {};
      for (const pool of this.#pools) Object.assign(values, await this.#measure(pool));
      return values;
    } catch (error) {
      this.#isOver = true;
      this.note(`TensorFlow's CUDA pool is not sampled: ${(error as Error).message}`);
      return {};
    }
  }

  override async restart(): Promise<void> {
    const zero = new BigUint64Array(1); // the only value that a high-water mark may be set to: the present use
    for (const { pool } of this.#pools) await this.#cuda!.cuMemPoolSetAttribute(pool, Attribute.usedHigh, zero);
  }

  /** Whether CUDA is there to be asked. */
  async #open(): Promise<boolean> {
    if (!(await isLoaded(libraryName))) return false;
    if ((await environment("TF_GPU_ALLOCATOR")) !== "cuda_malloc_async") {
      throw new Error(
        "TF_GPU_ALLOCATOR must be cuda_malloc_async before TensorFlow starts, for a peak between samples",
      );
    }
    const library = await openNative(libraryName);
    const functions = Object.entries(prototypes).map(([name, prototype]) => {
      const call = library.find(prototype);
      if (!call) throw new Error(`the driver lacks ${name} (CUDA 11.2 has it)`);
      return [name, checked(name, call)] as const;
    });
    this.#cuda = Object.fromEntries(functions) as unknown as Cuda;
    this.#pools = await pools(this.#cuda);
    return true;
  }

  async #measure({ key, label, pool }: Pool): Promise<Values> {
    const read = async (attribute: number) => {
      const value = new BigUint64Array(1);
      await this.#cuda!.cuMemPoolGetAttribute(pool, attribute, value);
      return Number(value[0]);
    };
    const [reserved, used, peak] = [
      await read(Attribute.reserved),
      await read(Attribute.used),
      await read(Attribute.usedHigh),
    ];
    if (reserved === 0 && peak === 0) return {}; // not a card that TensorFlow uses
    const names = { used: `${key}.used`, peak: `${key}.peak`, reserved: `${key}.reserved` };
    if (!this.series.some(({ name }) => name === names.used)) this.series = [...this.series, ...describe(names, label)];
    return { [names.used]: used, [names.peak]: peak, [names.reserved]: reserved };
  }
}

async function pools(cuda: Cuda): Promise<Pool[]> {
  const count = new Int32Array(1);
  await cuda.cuInit(0);
  await cuda.cuDeviceGetCount(count);
  const found: Pool[] = [];
  for (let index = 0; index < count[0]; index++) {
    const [device, name, pool] = [new Int32Array(1), new Uint8Array(256), new BigUint64Array(1)];
    await cuda.cuDeviceGet(device, index);
    await cuda.cuDeviceGetName(name, name.length, device[0]);
    await cuda.cuDeviceGetDefaultMemPool(pool, device[0]);
    found.push({ key: `cuda${index}.pool`, label: `CUDA pool ${index} (${cString(name)})`, pool: pool[0] });
  }
  return found;
}

function describe(names: { used: string; peak: string; reserved: string }, label: string): DeviceSeries[] {
  const common = { unit: "bytes", group: "tensorflow" } as const;
  const exact = "bytes as TensorFlow asked for them, rounded up by the driver (512 bytes)";
  return [
    {
      ...common,
      name: names.used,
      label: `${label}: used`,
      what: "Memory that TensorFlow holds of CUDA's pool: its tensors, and what its kernels need meanwhile",
      resolution: `${exact}; between two samples peaks are missed`,
    },
    {
      ...common,
      name: names.peak,
      label: `${label}: most used`,
      what: "The most that TensorFlow has held of CUDA's pool since the recording, or the process, began",
      resolution: `${exact}; the driver keeps the mark itself, so that no peak is missed`,
    },
    {
      ...common,
      name: names.reserved,
      label: `${label}: reserved`,
      what: "Memory that CUDA's pool has taken of the card, for TensorFlow to use",
      resolution: "blocks of the driver (32 MiB); kept for later, so it hardly falls",
    },
  ];
}

function checked(name: string, call: StatusFunction): StatusFunction {
  return async (...args) => {
    const status = await call(...args);
    if (status !== 0) throw new Error(`${name} answers CUDA's error ${status}`);
    return status;
  };
}
