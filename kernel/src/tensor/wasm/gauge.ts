// How large WebAssembly's memory is, for whoever samples it from another thread.
import { publishGauge } from "../../device";
import type { Heap } from "./guard";

/** From now on the size is published whenever it changes: each time that it grows, the heap gets a new view of it. */
export function publishHeap(heap: Heap): void {
  const tell = publishGauge({
    name: "wasm.heap",
    label: "WebAssembly's heap",
    unit: "bytes",
    what: "Memory of the backend wasm: tensors, and what its kernels need meanwhile. It never gets smaller; it is a part of the process's",
    resolution: "pages of 64 KiB, taken many at a time; how much of it is free does not show",
    group: "wasm",
    limit: 2 ** 32,
  });
  let view = heap.HEAPU8;
  tell(view.length);
  Object.defineProperty(heap, "HEAPU8", {
    get: () => view,
    set(grown: Uint8Array) {
      view = grown;
      tell(grown.length);
    },
  });
}
