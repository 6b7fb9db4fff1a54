// A table of results on paper: a line above, a line below the heading, a line at the end, none between.
import { card, type Element, element, ink, text } from "./svg";
import { textWidth } from "./textWidth";
import { type Theme, theme, widthOf } from "./theme";

const lineHeight = 20;
const gap = 18;
const margin = 14;

/** Draws heading and rows as an SVG document, or narrower where the page asks for it. */
export function resultSvg(
  title: string,
  [heading, ...rows]: readonly (readonly string[])[],
  right: readonly boolean[],
  page: Theme = theme("screen"),
): string {
  const lines = [heading, ...rows];
  const widths = right.map((_, column) => Math.max(...lines.map((line) => textWidth(line[column]))));
  const natural = widths.reduce((sum, width) => sum + width + gap, 2 * margin - gap);
  const least = textWidth(title) * 1.4 + 2 * margin;
  const width = widthOf(page, Math.max(natural, least));
  const scale = Math.min(1, width / natural); // rather smaller letters than a cut table
  const top = 44;
  const nodes: Element[] = [];
  const rule = (y: number, weight: number) =>
    nodes.push(
      element("line", { x1: margin, x2: natural - margin, y1: y, y2: y, stroke: ink, "stroke-width": weight }),
    );
  rule(0, 1);
  for (const [index, line] of lines.entries()) {
    let x = margin;
    for (const [column, cell] of line.entries()) {
      const at = right[column] ? x + widths[column] : x;
      const style = {
        fill: ink,
        "text-anchor": right[column] ? "end" : "start",
        "font-weight": index === 0 ? 600 : 400,
      };
      nodes.push(text(at, index * lineHeight + 15, cell, style));
      x += widths[column] + gap;
    }
    if (index === 0) rule(lineHeight + 1, 0.6);
  }
  rule(lines.length * lineHeight + 3, 1);
  const description = lines.map((line) => line.join(", ")).join("; ");
  const body = element("g", { transform: `translate(0,${top - 8}) scale(${scale})` }, ...nodes);
  const height = top + (lines.length * lineHeight + 4) * scale;
  return card({ width, height: Math.ceil(height) }, { title, description }, [body], page);
}
