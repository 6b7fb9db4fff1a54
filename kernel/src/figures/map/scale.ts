// How the numbers of a map become bytes, and colours. Also used by the extension.

/**
 * How numbers are kept in a byte: 0 to 254 from `low` to `high`, 255 for no number. `even` steps for what is spread out;
 * `cubic` ones, fine near the low end, for weights that span decades; `signed` is cubic to both sides of zero.
 */
export interface Coding {
  readonly low: number;
  readonly high: number;
  readonly steps: "even" | "cubic" | "signed";
}

export const noNumber = 255;
const last = 254;

/** The byte for a number. */
export function encode(value: number, { low, high, steps }: Coding): number {
  if (!Number.isFinite(value)) return noNumber;
  const place = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
  if (steps === "even") return Math.round(place * last);
  if (steps === "cubic") return Math.round(Math.cbrt(place) * last);
  return Math.round((1 + Math.cbrt(2 * place - 1)) * (last / 2));
}

/** The number that a byte stands for, NaN for none. */
export function decode(code: number, { low, high, steps }: Coding): number {
  if (code === noNumber) return Number.NaN;
  const place = code / last;
  if (steps === "even") return low + (high - low) * place;
  if (steps === "cubic") return low + (high - low) * place ** 3;
  return low + ((high - low) * (1 + (2 * place - 1) ** 3)) / 2;
}

/** How numbers become colours. */
export type Tone = "linear" | "square root" | "logarithm";

/** The numbers at the two ends of the colours. */
export type Range = readonly [low: number, high: number];

/** Decades that the logarithm shows, below the high end. */
const decades = 4;

/** Where in the colours, 0 to 1, a number lies. Beyond the ends are the ends. */
export function place(value: number, [low, high]: Range, tone: Tone, diverging: boolean): number {
  if (diverging) {
    const share = bent(Math.abs(value) / (high || 1), tone, 10 ** -decades);
    return (1 + Math.sign(value) * share) / 2;
  }
  if (tone === "logarithm") return bent(value / (high || 1), tone, floorOf([low, high]) / (high || 1));
  return bent((value - low) / (high - low || 1), tone, 0);
}

function bent(share: number, tone: Tone, floor: number): number {
  const inside = Math.min(1, Math.max(0, share));
  if (tone === "linear") return inside;
  if (tone === "square root") return Math.sqrt(inside);
  return inside <= floor ? 0 : 1 - Math.log(inside) / Math.log(floor);
}

const floorOf = ([low, high]: Range): number => Math.max(low, high / 10 ** decades);

/** What a figure knows of one map's numbers. */
export interface Spread extends Coding {
  /** The lowest and the highest number. */
  readonly whole: Range;
  /** The same without the lowest half and the highest one and a half per cent of the cells, such as a diagonal. */
  readonly most: Range;
}

/**
 * The two ends of the colours of maps drawn together.
 *
 * @param every to the last cell; else the outermost cells share the colours of the ends
 */
export function colourRange(maps: readonly Spread[], every: boolean, diverging: boolean): Range {
  const ends = maps.map(({ whole, most }): Range => (every || most[0] === most[1] ? whole : most));
  const low = Math.min(...ends.map(([end]) => end));
  const high = Math.max(...ends.map(([, end]) => end));
  const reach = Math.max(Math.abs(low), Math.abs(high));
  if (diverging) return [-reach, reach];
  return low > 0 && low < high / 4 ? [0, high] : [low, high];
}

/** Ticks of a colour bar: its numbers and their places, 0 to 1; the ends first, then round numbers where there is room. */
export function colourTicks(
  range: Range,
  tone: Tone,
  diverging: boolean,
  most: number,
): { value: number; at: number }[] {
  const [low, high] = range;
  const start = tone === "logarithm" && !diverging ? floorOf(range) : low;
  const ticks = [
    { value: start, at: 0 },
    { value: high, at: 1 },
  ];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const powers = Array.from({ length: decades + 2 }, (_, i) => 10 ** (Math.floor(Math.log10(size || 1)) - i));
  const round = [0, ...[1, 5, 2].flatMap((factor) => powers.flatMap((power) => [factor * power, -factor * power]))];
  for (const value of round) {
    if (value <= start || value >= high) continue;
    const at = place(value, range, tone, diverging);
    const room = (tick: { at: number }) => (tick.at === 0 || tick.at === 1 ? 1.1 : 1) / most;
    if (ticks.every((tick) => Math.abs(tick.at - at) >= room(tick))) ticks.push({ value, at });
  }
  return ticks.sort((a, b) => a.at - b.at);
}
