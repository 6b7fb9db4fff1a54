// Ticks of an axis: round numbers, told in seconds where a step has a duration. Also used by the extension.
import type { MapAxis } from "./terms";

export interface Tick {
  /** In steps; 0 is the start of step 0. */
  readonly at: number;
  readonly text: string;
  /** The step, where `text` tells the time. */
  readonly step?: string;
}

type Scaled = Pick<MapAxis, "scale">;

/** Ticks for the part of the axis from `low` to `high`, about `count` of them. */
export function ticks({ scale }: Scaled, steps: number, [low, high]: readonly [number, number], count: number): Tick[] {
  if (counted({ scale }, steps)) {
    const all = Array.from({ length: steps }, (_, step) => ({ at: step + 0.5, text: String(step + 1) }));
    return all.filter(({ at }) => at >= low && at <= high);
  }
  const stride = wholeStride((high - low) / Math.max(1, count), scale ?? 1);
  const found: Tick[] = [];
  for (let at = Math.ceil(low / stride - 1e-9) * stride + 0; at <= high + 1e-9; at += stride) {
    found.push(
      scale ? { at, text: `${Number((at * scale).toFixed(3))} s`, step: String(at) } : { at, text: String(at) },
    );
  }
  return found;
}

// The fewest whole steps from `least` on that last 1, 2 or 5 times a power of ten seconds, if any do.
function wholeStride(least: number, scale: number): number {
  if (least <= 2) return Math.max(1, Math.round(least));
  const power = 10 ** Math.floor(Math.log10(least * scale));
  const strides = [1, 2, 5, 10, 20, 50, 100].map((factor) => (factor * power) / scale);
  const whole = strides.find((stride) => stride >= least * 0.99 && Math.abs(stride - Math.round(stride)) < 1e-6);
  return Math.round(whole ?? least);
}

/** A few steps without duration, such as heads, are counted from 1; frames and moments from 0. */
export const counted = ({ scale }: Scaled, steps: number): boolean => !scale && steps <= 16;

/** `37 (1.48 s)` for the step counted from 0. */
export function told(axis: Scaled, steps: number, step: number): string {
  const name = counted(axis, steps) ? step + 1 : step;
  return axis.scale ? `${name} (${Number((step * axis.scale).toFixed(3))} s)` : String(name);
}
