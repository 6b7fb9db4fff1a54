// When which cell ran, as shaded spans with its number; as many as there is room for.
import type { Theme } from "../theme";
import type { CellSpan } from "./record";
import type { Range } from "./timeWindow";

/** The room that a number takes (pixels). */
const labelWidth = 26;

export function cellMarks(
  cells: readonly CellSpan[],
  [from, to]: Range,
  pixels: number,
  theme: Theme,
  place: (time: number) => number,
): { shapes: object[]; annotations: object[] } {
  const shapes: object[] = [];
  const annotations: object[] = [];
  const perPixel = (to - from) / pixels;
  let shadedTo = Number.NEGATIVE_INFINITY;
  let labelledTo = Number.NEGATIVE_INFINITY;
  for (const { count, startMs, endMs } of cells) {
    const end = Math.min(to, endMs ?? to);
    const start = Math.max(from, startMs);
    // Not seen, or within the pixel of the one before.
    if (end < from || startMs > to || end < shadedTo + perPixel) continue;
    shadedTo = Math.max(end, start + perPixel);
    const running = endMs === undefined;
    shapes.push({
      type: "rect",
      layer: "below",
      ...{ x0: place(start), x1: place(shadedTo), y0: 0, y1: 1, yref: "paper" },
      fillcolor: running ? theme.accent : theme.faint,
      opacity: running ? 0.22 : 0.13,
      line: { width: 0 },
    });
    if (start < labelledTo) continue;
    // A label at the right edge grows away from it.
    const room = (to - start) / perPixel >= labelWidth;
    if (!room && to - labelWidth * perPixel < labelledTo) continue;
    labelledTo = start + labelWidth * perPixel;
    annotations.push({
      text: running ? `<b>[${count ?? " "}]</b>` : `[${count ?? " "}]`,
      ...{ x: place(room ? start : to), xanchor: room ? "left" : "right" },
      ...{ y: 1, yref: "paper", yanchor: "bottom", yshift: 13 },
      showarrow: false,
      font: { size: 10, color: running ? theme.ink : theme.faint },
    });
  }
  return { shapes, annotations };
}
