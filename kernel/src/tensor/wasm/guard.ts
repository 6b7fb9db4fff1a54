// WebAssembly's memory ends at 4 GB. There tfjs-backend-wasm goes on with address 0, over other tensors' values.

/** The part of tfjs-backend-wasm that allocates. */
export interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
  HEAPU8: Uint8Array;
}

/** Makes allocations that fail throw, instead of overwriting what other tensors hold. */
export function guardMemory(heap: Heap): void {
  heap._free(heap._malloc(1)); // at its first call the function replaces itself, which would undo what follows
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = bytes < 2 ** 32 ? allocate(bytes) : 0; // of larger numbers WebAssembly sees the lower 32 bits
    if (address === 0 && bytes > 0) {
      throw new RangeError(
        `Cannot allocate ${mebibytes(bytes)}: the backend "wasm" holds at most 4096 MiB ` +
          `(${mebibytes(heap.HEAPU8.length)} are taken from the system so far); use shorter input, a smaller batch or ` +
          'model, or the backend "tensorflow" (npm start adds it)',
      );
    }
    return address;
  };
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
