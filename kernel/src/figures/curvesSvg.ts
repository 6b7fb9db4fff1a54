// Curves on paper.
import { seriesColour } from "./colours";
import type { Facet, Series } from "./curves";
import { card, faint, legend, placed, plotting } from "./svg";
import { type Theme, theme, widthOf } from "./theme";

const mostHeight = 250;
const mostPoints = 500;
/** Facets that would be narrower stand below each other. */
const leastWidth = 300;

/** Draws the facets as an SVG document; `description` is for those who cannot see it. */
export function curvesSvg(
  { title, x, facets }: { title: string; x: { label: string }; facets: readonly Facet[] },
  description: string,
  page: Theme = theme("screen"),
): string {
  const width = widthOf(page, Math.min(1080, Math.max(1, facets.length) * (facets.length > 1 ? 400 : 640)));
  const across = Math.max(1, Math.min(facets.length, Math.floor(width / leastWidth)));
  const names = [...new Set(facets.flatMap(({ series }) => series.map(({ name }) => name)))];
  const colours = names.map(seriesColour);
  const key = legend(
    names.map((name, index) => ({ name, colour: colours[index] })),
    40,
    width,
  );
  const top = 42 + key.height;
  const each = width / across;
  const plotHeight = Math.min(mostHeight, Math.round(each * 0.625));
  const plots = facets.map((facet, index) => {
    const [left, down] = [(index % across) * each, top + Math.floor(index / across) * plotHeight];
    return drawFacet(facet, x.label, { names, colours }, left, down, [each, plotHeight]);
  });
  const height = top + Math.max(1, Math.ceil(facets.length / across)) * plotHeight + 8;
  return card({ width, height }, { title, description }, [...key.nodes, ...plots], page);
}

function drawFacet(
  { y, series, references = [] }: Facet,
  xLabel: string,
  { names, colours }: { names: string[]; colours: string[] },
  left: number,
  top: number,
  [width, height]: readonly [number, number],
) {
  const { Plot } = plotting();
  const points = series.flatMap((one) => thinned(one));
  const ends = series.flatMap((one) => thinned(one).slice(-1));
  return placed(left + 8, top, {
    width: width - 16,
    height,
    marginLeft: 46,
    marginRight: 12,
    marginTop: 28,
    marginBottom: 38,
    x: { label: xLabel, labelAnchor: "center", labelArrow: "none", ticks: width / 90, ...(points.length ? {} : empty) },
    y: { label: y.label, labelArrow: "none", nice: true, grid: true, ticks: 5, ...(points.length ? {} : empty) },
    color: { domain: names, range: colours },
    marks: [
      Plot.ruleY(references, { y: "y", stroke: faint, strokeDasharray: "4,4" }),
      Plot.text(references, {
        y: "y",
        text: "name",
        frameAnchor: "right",
        textAnchor: "end",
        dy: -7,
        fill: faint,
        stroke: "#ffffff",
        strokeWidth: 3,
      }),
      Plot.lineY(points, { x: "x", y: "y", stroke: "name", strokeWidth: 1.8, strokeLinejoin: "round" }),
      Plot.text(points.length ? [] : ["nothing yet"], { frameAnchor: "middle", fill: faint }),
      Plot.dot(ends, { x: "x", y: "y", fill: "name", r: 2.5 }),
    ],
  });
}

const empty = { domain: [0, 1], ticks: [] };

// Long curves are averaged in stretches: a figure has fewer pixels than a training run has steps.
function thinned({ name, x, y }: Series): { name: string; x: number; y: number }[] {
  const stretch = Math.ceil(x.length / mostPoints);
  return Array.from({ length: Math.ceil(x.length / Math.max(1, stretch)) }, (_, index) => {
    const [from, to] = [index * stretch, Math.min(x.length, (index + 1) * stretch)];
    const mean = (values: ArrayLike<number>) => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += values[i];
      return sum / (to - from);
    };
    return { name, x: mean(x), y: mean(y) };
  });
}
