// A long log made short enough to be shown and kept in a notebook.
import type { MemoryChunk } from "./memoryChunk";
import { MemoryLog } from "./memoryLog";

const stretches = 500;

/**
 * The log itself where it is short. Else 500 stretches, each with an equal share of the events: what each layer, op and
 * kind allocated and released is added up, once until the stretch's highest moment and once from there to its end. Live
 * bytes are right at all of these moments, the peak to the byte. Ops are then those that allocated.
 */
export function thinned(log: MemoryLog, most = 20_000): MemoryLog {
  if (log.length <= most) return log;
  const moments = tellingRows(log);
  const thin = new MemoryLog();
  const sums = new Sums();
  let live: number | undefined;
  for (const chunk of log.chunks()) {
    live ??= chunk.liveBytes[0] - chunk.deltaBytes[0];
    for (let at = 0; at < chunk.length; at++) {
      sums.add(chunk, at);
      if (!moments.has(chunk.first + at)) continue;
      const [timeUs, phase] = [chunk.timeUs[at], log.words.phase[chunk.phase[at]]];
      for (const { layer, op, kind, bytes } of sums.taken()) {
        live += bytes;
        const texts = { layer: log.words.layer[layer], op: log.words.op[op], kind: log.words.kind[kind], phase };
        thin.append({ timeUs, deltaBytes: bytes, liveBytes: live, ...texts, shape: [], dtype: "" });
      }
    }
  }
  return thin;
}

/** The highest row of each stretch, and its last. */
function tellingRows(log: MemoryLog): Set<number> {
  const rows = Math.ceil(log.length / stretches);
  const telling = new Set<number>();
  let [highest, most] = [0, Number.NEGATIVE_INFINITY];
  for (const { first, length, liveBytes } of log.chunks()) {
    for (let row = first; row < first + length; row++) {
      if (liveBytes[row - first] > most) [highest, most] = [row, liveBytes[row - first]];
      if ((row + 1) % rows !== 0 && row + 1 < log.length) continue;
      telling.add(highest).add(row);
      most = Number.NEGATIVE_INFINITY;
    }
  }
  return telling;
}

interface Sum {
  readonly layer: number;
  readonly op: number;
  readonly kind: number;
  bytes: number;
}

/** Bytes allocated less bytes released, by layer, op and kind. */
class Sums {
  readonly #opOf = new Map<number, number>(); // which op allocated a tensor that is alive
  #sums = new Map<string, Sum>();

  add({ tensor, deltaBytes, layer, op, kind }: MemoryChunk, at: number): void {
    const bytes = deltaBytes[at];
    const by = (bytes < 0 ? this.#opOf.get(tensor[at]) : undefined) ?? op[at];
    if (bytes > 0 && tensor[at] > 0) this.#opOf.set(tensor[at], by);
    else this.#opOf.delete(tensor[at]);
    const key = `${layer[at]} ${by} ${kind[at]}`;
    const sum = this.#sums.get(key);
    if (sum) sum.bytes += bytes;
    else this.#sums.set(key, { layer: layer[at], op: by, kind: kind[at], bytes });
  }

  /** All of them, which begin anew. Releases come first, so that nothing rises above what it settles to. */
  taken(): Sum[] {
    const sums = [...this.#sums.values()].filter(({ bytes }) => bytes !== 0).sort((a, b) => a.bytes - b.bytes);
    this.#sums = new Map();
    return sums;
  }
}
