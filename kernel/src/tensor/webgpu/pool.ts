// WebGPUBackend keeps every buffer that was freed for another of the same size. With input of many lengths that would
// fill the GPU with buffers that nobody asks for again.
import type { WebGpuBackend } from "./backend";

/** The part of tfjs-backend-webgpu's BufferManager that is used here. */
export interface Pool {
  /** Free buffers by size and usage. */
  readonly freeBuffers: Map<string, { size: number; destroy(): void }[]>;
  numFreeBuffers: number;
  numBytesUsed: number;
  numBytesAllocated: number;
}

/** Bytes that may lie idle, if no more are in use. */
const idle = 2 ** 28;

/** Makes a backend give free buffers back to the GPU when more lie idle than are in use. */
export function boundPool(backend: WebGpuBackend): void {
  const submit = backend.submitQueue.bind(backend);
  backend.submitQueue = () => {
    submit(); // now no command that is still to come uses a free buffer
    const { bufferManager: pool } = backend;
    if (pool.numBytesAllocated - pool.numBytesUsed > Math.max(idle, pool.numBytesUsed)) empty(pool);
  };
}

function empty(pool: Pool): void {
  for (const buffers of pool.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      buffer.destroy();
      pool.numBytesAllocated -= buffer.size;
      pool.numFreeBuffers--;
    }
  }
}
