// The eager context: TensorFlow's devices and threads as one process (or worker thread) uses them.
import { availableParallelism } from "node:os";
import type { CApi, Pointer } from "./capi";

/** What {@link openContext} opened. */
export interface Context {
  pointer: Pointer;
  /** The status object that every call writes to: one is enough, calls being synchronous. */
  status: Pointer;
  /** Full name of the device that tensors are put on: the first GPU, else the CPU. */
  deviceName: string;
  isGpu: boolean;
  /** Threads that one op may use. */
  threads: number;
  /** TensorFlow's ConfigProto, for sessions beside this context. */
  config: Uint8Array;
}

/**
 * Opens an eager context on the first GPU, else on the CPU.
 *
 * @param threads Threads that one op may use. The CPU's pool of threads is shared by the process, so that the first
 *   context to be opened decides.
 */
export function openContext(c: CApi, threads: number): Context {
  const status = c.TF_NewStatus();
  const options = c.TFE_NewContextOptions();
  const config = configProto(threads);
  c.TFE_ContextOptionsSetConfig(options, config, config.length, status);
  check(c, status, "configure TensorFlow");
  const pointer = c.TFE_NewContext(options, status);
  c.TFE_DeleteContextOptions(options);
  check(c, status, "open TensorFlow's context");
  return { pointer, status, threads, config, ...pickDevice(c, pointer, status) };
}

/** @throws Error if the last call that `status` was given to failed. */
export function check(c: CApi, status: Pointer, action: string): void {
  if (c.TF_GetCode(status) !== 0) throw new Error(`Cannot ${action}: ${c.TF_Message(status)}`);
}

/**
 * The number of threads that was asked for, else what the environment variable `BESTRQ_THREADS` says, else one for
 * each core.
 *
 * @throws RangeError if it is not a whole number from 1 to 1024.
 */
export function threadsWanted(asked?: number): number {
  const text = process.env.BESTRQ_THREADS;
  const threads = asked ?? (text ? Number(text) : availableParallelism());
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
  const [name, got] = asked === undefined ? ["BESTRQ_THREADS", `"${text}"`] : ["threads", asked];
  throw new RangeError(`Cannot set the number of threads: ${name} must be a whole number from 1, got ${got}`);
}

/** TensorFlow's ConfigProto in protobuf's wire format: a tag (field number · 8 + wire type), then the value. */
function configProto(threads: number): Uint8Array {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);
  const allowGrowth = [(4 << 3) | 0, 1]; // GPUOptions.allow_growth: take the card's memory as it is needed, not all of it
  return Uint8Array.from([
    ...[(2 << 3) | 0, ...varint(threads)], // intra_op_parallelism_threads
    ...[(5 << 3) | 0, 1], // inter_op_parallelism_threads: eager ops run one after the other
    ...[(6 << 3) | 2, allowGrowth.length, ...allowGrowth], // gpu_options
  ]);
}

function pickDevice(c: CApi, context: Pointer, status: Pointer): { deviceName: string; isGpu: boolean } {
  const list = c.TFE_ContextListDevices(context, status);
  check(c, status, "list TensorFlow's devices");
  const devices = Array.from({ length: c.TF_DeviceListCount(list) }, (_, i) => ({
    deviceName: c.TF_DeviceListName(list, i, status),
    type: c.TF_DeviceListType(list, i, status),
  }));
  c.TF_DeleteDeviceList(list);
  const device = devices.find(({ type }) => type === "GPU") ?? devices.find(({ type }) => type === "CPU");
  if (!device) throw new Error(`Cannot use TensorFlow: it must have a GPU or a CPU, got ${JSON.stringify(devices)}`);
  return { deviceName: device.deviceName, isGpu: device.type === "GPU" };
}
