import { connect, type DeviceSeries, type Moment, shortestInterval } from "../device";
import { DeviceProfile } from "./deviceProfile";

/** Options of {@link device}. */
export interface DeviceOptions {
  /** What the figure is called (default: "Device memory"). */
  readonly title?: string;
  /** Time between samples in milliseconds, at least 50 (default: 50). */
  readonly intervalMs?: number;
}

/** A recording under way. */
export interface DeviceRecording {
  /** Ends it. */
  stop(): Promise<DeviceProfile<undefined>>;
}

/**
 * Samples the machine's memory while `body` runs, as the machine itself counts it: NVIDIA cards and MIG devices as a whole and
 * this process on them (NVML, else nvidia-smi), TensorFlow's CUDA pool where `TF_GPU_ALLOCATOR=cuda_malloc_async`, WebGPU's
 * own count, WebAssembly's heap, this process (RSS) and its control group. What is not there is left out, and said in
 * `notes`. Another thread samples, in a notebook the kernel's watchdog, so `body` may compute without a pause; a sample
 * takes it 0.1 ms, of which the computing thread sees nothing.
 *
 * The series overlap (a tensor is in the CUDA pool, in the process's share of the card and in the card's use): read each
 * by its `what`, never add them up. What {@link memory} says of tensors and {@link plan} of shapes is something else again.
 *
 * Without `body` the recording goes on, over several cells if need be, until its `stop`.
 *
 * @throws RangeError if the interval is less than 50 ms
 * @example
 * const { peak } = await profile.device(() => tf.tidy(() => tf.ones([1000, 1000]).sum().arraySync()));
 * peak["process.rss"] > 2 ** 20; // true
 */
export async function device<R>(body: () => R | Promise<R>, options?: DeviceOptions): Promise<DeviceProfile<R>>;
export async function device(options?: DeviceOptions): Promise<DeviceRecording>;
export async function device<R>(
  given?: (() => R | Promise<R>) | DeviceOptions,
  options: DeviceOptions = {},
): Promise<DeviceProfile<R> | DeviceRecording> {
  if (typeof given !== "function") {
    const stop = await record(given ?? {}, false);
    return { stop: () => stop(undefined) };
  }
  const stop = await record(options, true);
  let result: R;
  try {
    result = await given();
  } catch (error) {
    await stop(undefined);
    throw error;
  }
  return stop(result);
}

async function record({ title = "Device memory", intervalMs = shortestInterval }: DeviceOptions, ofCell: boolean) {
  if (!(intervalMs >= shortestInterval)) {
    throw new RangeError(`Cannot sample memory: intervalMs must be ${shortestInterval} or more, got ${intervalMs}`);
  }
  const end = await connect().record(intervalMs, ofCell);
  return async <R>(result: R) => new DeviceProfile(title, result, await end());
}

/** The machine's memory at one moment. */
export interface DeviceSample {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** What can be measured here, each with its value in bytes; undefined where it could not be measured this time. */
  readonly series: readonly (DeviceSeries & { readonly value: number | undefined })[];
  /** Why something is missing. */
  readonly notes: readonly string[];
}

/**
 * The machine's memory now.
 *
 * @example
 * const { series } = await profile.device.sample();
 * series.some(({ name }) => name === "process.rss"); // true
 */
device.sample = async (): Promise<DeviceSample> => {
  const { timeMs, series, values, notes }: Moment = await connect().once();
  return { timeMs, series: series.map((one) => ({ ...one, value: values[one.name] })), notes };
};
