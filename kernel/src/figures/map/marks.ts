// What is drawn around a map: its name, axes and words. A canvas and an SVG document draw the same marks. Also used by
// the extension.
import { textWidth } from "../textWidth";
import { short } from "../units";
import type { Box, PanelLayout } from "./layout";
import { colourTicks, type Range, type Tone } from "./scale";
import type { MapAlong, MapAxis } from "./terms";
import { ticks } from "./ticks";

export type Mark =
  | { kind: "line"; x1: number; y1: number; x2: number; y2: number }
  | { kind: "frame"; box: Box }
  | {
      kind: "text";
      x: number;
      /** The middle of the line of text. */
      y: number;
      text: string;
      anchor: "start" | "middle" | "end";
      size: number;
      faint?: boolean;
      bold?: boolean;
      /** Reads upwards. */
      turned?: boolean;
    };

/** The visible part of a map, in its rows and columns. */
export interface View {
  readonly x: Range;
  readonly y: Range;
}

/** A map to mark. */
export interface Marked {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly x: MapAxis;
  readonly y: MapAxis;
  readonly transcript?: MapAlong["transcript"];
}

const size = 11;
type Side = "x" | "y";

/** Where a step of an axis lies in a box. */
export function position(side: Side, at: number, view: View, box: Box, upwards = false): number {
  const share = (at - view[side][0]) / (view[side][1] - view[side][0]);
  if (side === "x") return box.x + share * box.width;
  return box.y + (upwards ? 1 - share : share) * box.height;
}

/** Name, axes and words of one panel. */
export function panelMarks(map: Marked, panel: PanelLayout, view: View): Mark[] {
  const name = cut(map.name, panel.map.width / 1.08);
  return [
    { kind: "text", x: panel.map.x, y: 10, text: name, anchor: "start", size: 12, bold: true },
    ...axisMarks("x", map, panel, view),
    ...(panel.first ? axisMarks("y", map, panel, view) : []),
    ...(panel.xWords ? wordMarks("x", map, panel.xWords, view) : []),
    ...(panel.yWords ? wordMarks("y", map, panel.yWords, view) : []),
    { kind: "frame", box: panel.map },
  ];
}

function axisMarks(side: Side, map: Marked, { map: box, yWords, yFeatures }: PanelLayout, view: View): Mark[] {
  const across = side === "x";
  const axis = map[side];
  const steps = across ? map.columns : map.rows;
  const label = axis.unit && !axis.scale ? `${axis.label} (${axis.unit})` : axis.label;
  // Words and spectrogram stand between the rows and their ticks.
  const edge = across ? box.y + box.height : (yWords ?? yFeatures ?? box).x;
  const marks = ticks(axis, steps, view[side], across ? box.width / 62 : box.height / 46).flatMap(
    ({ at, text, step }): Mark[] => {
      const along = position(side, at, view, box, axis.upwards);
      const labels = step === undefined ? [{ text }] : [{ text }, { text: step, faint: true }];
      const start = across ? edge + 12 : along - (labels.length - 1) * 6;
      const named = labels.map(({ text, faint }, line): Mark => {
        const at = across ? { x: along, y: start + line * 12 } : { x: edge - 7, y: start + line * 12 };
        return { kind: "text", ...at, text, faint, anchor: across ? "middle" : "end", size };
      });
      const tick = across
        ? { x1: along, y1: edge, x2: along, y2: edge + 4 }
        : { x1: edge - 4, y1: along, x2: edge, y2: along };
      return [{ kind: "line", ...tick }, ...named];
    },
  );
  const middle = across
    ? { x: box.x + box.width / 2, y: edge + 40 }
    : { x: 8, y: box.y + box.height / 2, turned: true };
  const room = across ? box.width : box.height;
  return [...marks, { kind: "text", ...middle, text: cut(label, room), anchor: "middle", size }];
}

function wordMarks(side: Side, { transcript = [], ...map }: Marked, box: Box, view: View): Mark[] {
  const { scale = 1, upwards } = map[side];
  const [low, high] = view[side];
  return transcript.flatMap(({ text, start, end }): Mark[] => {
    const [from, to] = [Math.max(low, start / scale), Math.min(high, end / scale)];
    if (!(to > from)) return [];
    const [one, other] = [from, to].map((at) => position(side, at, view, box, upwards));
    const room = Math.abs(other - one) - 4;
    const shown = cut(text, room);
    const middle = (one + other) / 2;
    const bounds: Mark =
      side === "x"
        ? { kind: "line", x1: one + 1, y1: box.y + box.height, x2: other - 1, y2: box.y + box.height }
        : { kind: "line", x1: box.x + box.width, y1: one + 1, x2: box.x + box.width, y2: other - 1 };
    if (shown.length < Math.min(3, text.length)) return [bounds];
    const at =
      side === "x" ? { x: middle, y: box.y + box.height / 2 } : { x: box.x + box.width / 2, y: middle, turned: true };
    return [bounds, { kind: "text", ...at, text: shown, anchor: "middle", size }];
  });
}

/** The numbers below a colour bar. At an end that stands for all beyond it, `≤` or `≥` says so. */
export function barMarks(box: Box, range: Range, whole: Range, tone: Tone, diverging: boolean): Mark[] {
  const found = colourTicks(range, tone, diverging, box.width / 46);
  return found.map(({ value, at }): Mark => {
    const beyond = at === 0 && whole[0] < value ? "≤ " : at === 1 && whole[1] > value ? "≥ " : "";
    const anchor = at === 0 ? "start" : at === 1 ? "end" : "middle";
    return {
      kind: "text",
      x: box.x + at * box.width,
      y: box.y + box.height + 8,
      text: `${beyond}${brief(value, range)}`,
      anchor,
      size: 10,
      faint: true,
    };
  });
}

/** Two digits, as no more can be read off a colour; more where the colours are for a narrow range. */
function brief(value: number, [low, high]: Range): string {
  const narrow = Math.max(Math.abs(low), Math.abs(high)) / (high - low || 1);
  const digits = Math.min(6, 2 + Math.ceil(Math.log10(Math.max(1, narrow))));
  return short(Number(value.toPrecision(digits))).replace(/\.?0+(?=e)/, "");
}

/** As much of a text as fits. */
function cut(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  let shown = text;
  while (shown && textWidth(`${shown}…`) > room) shown = shown.slice(0, -1);
  return shown ? `${shown.trimEnd()}…` : "";
}
