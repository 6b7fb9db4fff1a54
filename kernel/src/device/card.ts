// How much of an NVIDIA card a process can still have, told from what was sampled of all cards.
import type { Moment } from "./serve";

/**
 * Bytes of a card, or MIG device, that this process can still fill: what nobody uses, and what it has there itself beyond
 * `alive`, the bytes of its tensors, as frameworks keep for later what was released. Where the driver does not tell the
 * process's own share, as in a container, all but `alive`. Of several cards, those that the process is on; of several such,
 * the one with most: the figure may be too large, and is not too small.
 *
 * @returns undefined where no card is sampled, or its size is not known
 */
export function freeOnCard({ series, values }: Moment, alive: number): number | undefined {
  const keys = series.flatMap(({ name, group }) => (group === "device" && /^(.+)\.used$/.exec(name)?.[1]) || []);
  const isCut = (key: string) => keys.some((other) => other.startsWith(`${key}.mig`));
  const keptByWebGpu = (values["webgpu.allocated"] ?? 0) - (values["webgpu.used"] ?? 0); // NVML lists what computes by CUDA
  const cards = keys
    .filter((key) => !isCut(key))
    .flatMap((key) => {
      const [used, own] = [values[`${key}.used`], values[`${key}.process`]];
      const limit = series.find(({ name }) => name === `${key}.used`)?.limit;
      if (used === undefined || limit === undefined) return []; // lost, or not told
      const free = own === undefined ? limit - alive : limit - used + (own > 0 ? own - alive : keptByWebGpu);
      return [{ isOurs: Boolean(own), free: Math.max(0, free) }];
    });
  const ours = cards.filter(({ isOurs }) => isOurs);
  const candidates = ours.length > 0 ? ours : cards;
  return candidates.length > 0 ? Math.max(...candidates.map(({ free }) => free)) : undefined;
}
