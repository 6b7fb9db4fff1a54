// The list of processes that NVML writes. Its entries have grown with the drivers, without a number that would tell.

/** A process that computes on a card. */
export interface GpuProcess {
  readonly pid: number;
  /** Memory that it has there; undefined where the driver does not know. */
  readonly bytes: number | undefined;
}

/** nvmlProcessInfo_v1_t, _v2_t, and the one of the first drivers 535. Each begins with pid and, at byte 8, memory. */
const sizes = [16, 24, 32];
export const largestProcess = 32;
const mark = 0xa5;
const unknown = 2n ** 64n - 1n; // NVML_VALUE_NOT_AVAILABLE

/** A buffer in which can be seen how far it was written. */
export const untouched = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(mark);

/** Reads `count` entries, whose size is seen from how far they reach. */
export function readProcesses(infos: Uint8Array, count: number): GpuProcess[] {
  const written = infos.findLastIndex((byte) => byte !== mark) + 1;
  const size = sizes.find((size) => count * size >= written) ?? largestProcess;
  const view = new DataView(infos.buffer, infos.byteOffset, infos.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const bytes = view.getBigUint64(index * size + 8, true);
    return { pid: view.getUint32(index * size, true), bytes: bytes === unknown ? undefined : Number(bytes) };
  });
}
