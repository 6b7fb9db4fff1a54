// WebGPU's own count of its memory, for whoever samples it from another thread.
import { publishGauge } from "../../device";
import type { Pool } from "./pool";

const common = { unit: "bytes", group: "webgpu" } as const;
const resolution = "exact, buffer by buffer (a multiple of 4 bytes each); what the GPU's driver adds is not counted";

/** From now on every change of the pool's counts is published. */
export function publishPool(pool: Pool): void {
  follow(
    pool,
    "numBytesUsed",
    publishGauge({
      ...common,
      name: "webgpu.used",
      label: "WebGPU: in use",
      what: "Buffers on the GPU that hold tensors, by the backend's own count (tf.memory().numBytesInGPU)",
      resolution,
    }),
  );
  follow(
    pool,
    "numBytesAllocated",
    publishGauge({
      ...common,
      name: "webgpu.allocated",
      label: "WebGPU: allocated",
      what: "Buffers on the GPU in use and those kept for later, by the backend's own count",
      resolution,
    }),
  );
}

/** Tells of each value that a property is given. */
function follow<K extends string>(object: Record<K, number>, key: K, tell: (value: number) => void): void {
  let present = object[key];
  tell(present);
  Object.defineProperty(object, key, {
    get: () => present,
    set(value: number) {
      present = value;
      tell(value);
    },
  });
}
