// Curves over steps, one plot for each quantity; they may be sent again and again while they grow.
import type { HoverEvent } from "plotly.js-cartesian-dist-min";
import { seriesColour } from "../../kernel/src/figures/colours";
import { short } from "../../kernel/src/figures/units";
import type { CurvesData } from "./decodeCurves";
import { type Drawing, Figure } from "./figure";
import { curvesMimeType } from "./mimeTypes";
import { plain, type Theme } from "./theme";

const leastWidth = 320;
const gap = 64;
const plotHeight = 300;

export class CurvesFigure extends Figure {
  constructor() {
    super("curves", [curvesMimeType]);
  }

  protected async read(data: unknown): Promise<string> {
    const { decodeCurves } = await import("./decodeCurves");
    this.#data = decodeCurves(data);
    return this.#data.title;
  }

  protected drawing(width: number, theme: Theme): Drawing | undefined {
    if (!this.#data) return undefined;
    const { facets, x } = this.#data;
    const across = Math.max(1, Math.min(facets.length, Math.floor(width / leastWidth)));
    const down = Math.max(1, Math.ceil(facets.length / across));
    const height = 60 + down * plotHeight;
    const names = [...new Set(facets.flatMap(({ series }) => series.map(({ name }) => name)))];
    const layout: Record<string, unknown> = {
      ...theme.layout,
      width,
      height,
      margin: { l: 60, r: 12, t: 40, b: 46 },
      hovermode: "closest",
      legend: { orientation: "h", x: 0, y: 1, yref: "container", yanchor: "top", font: { color: theme.ink } },
      uirevision: "curves",
    };
    const annotations: object[] = [];
    const data = facets.flatMap(({ label, series, references }, index) => {
      const id = index === 0 ? "" : String(index + 1);
      const [column, row] = [index % across, Math.floor(index / across)];
      const part = (at: number, count: number, space: number) => [
        at / count + (at > 0 ? space / 2 : 0),
        (at + 1) / count - (at < count - 1 ? space / 2 : 0),
      ];
      const [low, high] = part(row, down, gap / (down * plotHeight));
      layout[`xaxis${id}`] = {
        ...theme.axis,
        domain: part(column, across, gap / width),
        anchor: `y${id}`,
        title: { text: plain(x) },
        zeroline: false,
      };
      layout[`yaxis${id}`] = {
        ...theme.axis,
        domain: [1 - high, 1 - low],
        anchor: `x${id}`,
        title: { text: plain(label), standoff: 6 },
        zeroline: false,
      };
      for (const { name, y } of references) {
        const line = { xref: `x${id} domain`, yref: `y${id}` };
        const at = { x: 1, xanchor: "right", y, yanchor: "bottom", showarrow: false, font: { color: theme.faint } };
        annotations.push({ ...line, ...at, text: plain(name) });
      }
      return series.map(({ name, x, y }) => ({
        type: "scatter",
        mode: x.length > 1 ? "lines" : "markers",
        name: plain(name),
        legendgroup: name,
        showlegend: facets.findIndex(({ series }) => series.some((one) => one.name === name)) === index,
        x,
        y,
        xaxis: `x${id}`,
        yaxis: `y${id}`,
        line: { color: seriesColour(name, names.indexOf(name)), width: 2 },
        hoverinfo: "none",
      }));
    });
    layout.annotations = annotations;
    layout.shapes = facets.flatMap(({ references }, index) => {
      const id = index === 0 ? "" : String(index + 1);
      const line = { color: theme.faint, width: 1, dash: "dash" };
      const ends = ({ y }: { y: number }) => ({ x0: 0, x1: 1, y0: y, y1: y });
      return references.map((one) => ({ type: "line", xref: `x${id} domain`, yref: `y${id}`, ...ends(one), line }));
    });
    const points = data.reduce((sum, { x }) => sum + x.length, 0);
    return { data, layout, told: { facets: facets.length, curves: data.length, points } };
  }

  protected describe({ curveNumber, x, y }: HoverEvent["points"][number]): string[] {
    if (!this.#data) return [];
    const all = this.#data.facets.flatMap(({ label, series }) => series.map(({ name }) => ({ label, name })));
    const { label, name } = all[curveNumber];
    return [name, `${this.#data.x} ${short(x)}`, `${label} ${short(y)}`];
  }

  protected zoomed(): void {}

  #data: CurvesData | undefined;
}
