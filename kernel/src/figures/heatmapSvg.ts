// The map figure on paper: panels in rows, one colour scale for all of them.
import type { Heatmap } from "./heatmap";
import type { MapAxis } from "./map/options";
import { areaMean, extent } from "./matrix";
import { type Colours, colourScale, picture } from "./raster";
import { card, type Element, element, ink, placed, text, textWidth } from "./svg";
import { short } from "./units";

const edge = { left: 46, right: 14, top: 20, bottom: 36 };
const mostCells = 160;

/** Draws the figure as an SVG document; `description` is for those who cannot see it. */
export function heatmapSvg(figure: Heatmap, description: string): string {
  const { panels, title, colourLabel, diverging = false } = figure;
  const range = extent(panels);
  const reach = Math.max(Math.abs(range[0]), Math.abs(range[1]));
  const ends: [number, number] = diverging ? [-reach, reach] : range;
  const colours = colourScale(ends, diverging);

  const { across, inner } = layout(figure);
  const cell = { width: inner.width + edge.left + edge.right, height: inner.height + edge.top + edge.bottom };
  const maps = panels.flatMap((panel, index) => {
    const x = (index % across) * cell.width;
    const y = 56 + Math.floor(index / across) * cell.height;
    return drawPanel(figure, panel, colours, x, y, inner);
  });
  const size = { width: across * cell.width, height: 60 + Math.ceil(panels.length / across) * cell.height };
  return card(size, { title, description }, [...colourBar(colourLabel, ends, colours), ...maps]);
}

// Wide maps, such as weights over time, lie below each other; squarer ones stand side by side.
function layout({ panels }: Heatmap) {
  const { rows, columns } = panels[0];
  if (columns > 2 * rows) {
    const height = Math.min(260, Math.max(72, rows * (rows <= 16 ? 18 : 3)));
    return { across: 1, inner: { width: 660, height } };
  }
  const across = Math.min(4, panels.length);
  const width = [400, 300, 230, 170][across - 1];
  return { across, inner: { width, height: Math.round(width * Math.min(1.5, rows / columns)) } };
}

function drawPanel(
  { x: xAxis, y: yAxis }: Heatmap,
  panel: Heatmap["panels"][number],
  colours: Colours,
  x: number,
  y: number,
  inner: { width: number; height: number },
): Element[] {
  const picked = picture(areaMean(panel, mostCells), colours, yAxis.upwards);
  const [left, top] = [x + edge.left, y + edge.top];
  const frame = { x: left, y: top, width: inner.width, height: inner.height };
  const axes = placed(x, y, {
    width: inner.width + edge.left + edge.right,
    height: inner.height + edge.top + edge.bottom,
    marginLeft: edge.left,
    marginRight: edge.right,
    marginTop: edge.top,
    marginBottom: edge.bottom,
    x: axis(xAxis, panel.columns, inner.width / 70),
    y: axis(yAxis, panel.rows, inner.height / 40, yAxis.upwards !== true),
    marks: [],
  });
  return [
    element("image", {
      ...frame,
      href: picked,
      preserveAspectRatio: "none",
      style: "image-rendering:pixelated",
    }),
    element("rect", { ...frame, fill: "none", stroke: "#d8dee4" }),
    axes,
    text(left, y + 13, panel.name, { fill: ink, "font-weight": 500 }),
  ];
}

function axis({ label, unit, scale }: MapAxis, steps: number, ticks: number, reverse = false) {
  const told = { type: "linear", labelArrow: "none", labelAnchor: "center", reverse };
  if (scale)
    return { ...told, label: `${label} (s)`, domain: [0, steps * scale], ticks: Math.max(2, Math.round(ticks)) };
  // A few steps without duration, such as heads, are counted: 1, 2, 3, ...
  const counted = steps <= 16;
  return {
    ...told,
    label: unit ? `${label} (${unit})` : label,
    domain: counted ? [0.5, steps + 0.5] : [0, steps],
    ticks: counted ? Array.from({ length: steps }, (_, step) => step + 1) : Math.max(2, Math.round(ticks)),
  };
}

function colourBar(label: string, [low, high]: [number, number], colours: Colours): Element[] {
  const steps = {
    values: Array.from({ length: 128 }, (_, i) => low + ((high - low) * i) / 127),
    rows: 1,
    columns: 128,
  };
  const frame = { x: 14, y: 38, width: 140, height: 8 };
  const first = short(low);
  const x = 14 + textWidth(first) + 6;
  return [
    text(14, 46, first),
    element("image", { ...frame, x, href: picture(steps, colours), preserveAspectRatio: "none" }),
    text(x + frame.width + 6, 46, `${short(high)} · ${label}`),
  ];
}
