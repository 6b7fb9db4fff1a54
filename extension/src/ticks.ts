// Ticks of an axis of frames: round numbers, told in frames and, where a frame has a duration, in seconds.
import type { Axis } from "./decode";

export interface Ticks {
  readonly tickvals: number[];
  readonly ticktext: string[];
}

/** Ticks for the part of the axis from `low` to `high`, about `count` of them. Position 0 is the start of step 0. */
export function ticks(
  { scale }: Axis,
  steps: number,
  [low, high]: readonly [number, number],
  count: number,
  between = " · ",
): Ticks {
  if (counted({ scale }, steps)) {
    const all = Array.from({ length: steps }, (_, step) => step);
    return { tickvals: all.map((step) => step + 0.5), ticktext: all.map((step) => String(step + 1)) };
  }
  const [from, to] = [Math.min(low, high), Math.max(low, high)];
  const stride = wholeStride((to - from) / Math.max(1, count), scale ?? 1);
  const tickvals: number[] = [];
  for (let frame = Math.ceil(from / stride - 1e-9) * stride + 0; frame <= to + 1e-9; frame += stride)
    tickvals.push(frame);
  const seconds = (frame: number) => `${Number((frame * scale!).toFixed(3))} s`;
  const ticktext = tickvals.map((frame) => (scale ? `${seconds(frame)}${between}${frame}` : String(frame)));
  return { tickvals, ticktext };
}

// The fewest whole frames from `least` on that last 1, 2 or 5 times a power of ten seconds, if any do.
function wholeStride(least: number, scale: number): number {
  if (least <= 2) return Math.max(1, Math.round(least));
  const power = 10 ** Math.floor(Math.log10(least * scale));
  const strides = [1, 2, 5, 10, 20, 50, 100].map((factor) => (factor * power) / scale);
  const whole = strides.find((stride) => stride >= least * 0.99 && Math.abs(stride - Math.round(stride)) < 1e-6);
  return Math.round(whole ?? least);
}

/** A few steps without duration, such as heads, are counted from 1; frames and moments from 0. */
export const counted = ({ scale }: Pick<Axis, "scale">, steps: number): boolean => !scale && steps <= 16;

/** `37 (1.48 s)` */
export const told = ({ scale }: Axis, step: number): string =>
  scale ? `${step} (${Number((step * scale).toFixed(3))} s)` : String(step);
