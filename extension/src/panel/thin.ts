// As many points as there are pixels to draw them: of each pixel the lowest and the highest, so that no peak is lost.
import type { Ring } from "./ring";

/** A line; a gap in it is a `null`. */
export interface Line {
  readonly times: number[];
  readonly values: (number | null)[];
}

/**
 * The part of a series from `from` to `to` in at most three points a pixel, with one sample on either side of it.
 *
 * @param gap between samples further apart than this nothing is known, and no line is drawn (milliseconds)
 */
export function thinned(ring: Ring, [from, to]: readonly [number, number], pixels: number, gap: number): Line {
  const begin = Math.max(0, ring.firstFrom(from) - 1);
  const end = Math.min(ring.length, ring.firstFrom(to) + 1);
  const line: Line = { times: [], values: [] };
  const step = Math.max(1e-9, (to - from) / Math.max(1, pixels));
  for (let index = begin; index < end; ) {
    const pixel = Math.floor((ring.time(index) - from) / step);
    const before = index > begin ? ring.time(index - 1) : undefined;
    if (before !== undefined && ring.time(index) - before > Math.max(gap, step)) {
      line.times.push(before);
      line.values.push(null);
    }
    let [low, high] = [index, index];
    for (index++; index < end && Math.floor((ring.time(index) - from) / step) === pixel; index++) {
      if (ring.value(index) < ring.value(low)) low = index;
      if (ring.value(index) > ring.value(high)) high = index;
    }
    for (const one of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      line.times.push(ring.time(one));
      line.values.push(ring.value(one));
    }
  }
  return line;
}

/** The largest value from `from` to `to`, if there is any. */
export function highest(ring: Ring, [from, to]: readonly [number, number]): number | undefined {
  const end = ring.firstFrom(to);
  let most: number | undefined;
  for (let index = ring.firstFrom(from); index < end; index++) {
    if (most === undefined || ring.value(index) > most) most = ring.value(index);
  }
  return most;
}
