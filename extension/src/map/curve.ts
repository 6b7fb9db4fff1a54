// A row or a column of the maps as curves, drawn by plotly.
import type { Plotly } from "plotly.js-cartesian-dist-min";
import { seriesColour } from "../../../kernel/src/figures/colours";
import type { Range } from "../../../kernel/src/figures/map/scale";
import { config, plain, type Theme } from "../theme";

export interface Curve {
  readonly name: string;
  /** One per step of the axis. */
  readonly values: readonly number[];
  /** From one value to the next, in the units of the axis. */
  readonly step: number;
  /** What is drawn as 1, where maps have colour scales of their own. */
  readonly unit: number;
}

export interface CurvesDrawing {
  readonly title: string;
  readonly axisLabel: string;
  readonly valueLabel: string;
  readonly range: Range;
  readonly curves: readonly Curve[];
}

const height = 240;
const delayMs = 60;
const dashes = ["solid", "dash", "dot", "dashdot", "longdash"];

export class CurvePlot {
  readonly node = document.createElement("div");
  #plotly: Plotly | undefined;
  #wanted: (() => Promise<void>) | undefined;
  #soon = 0;
  #busy = false;

  /** Draws what there is a moment later; of several drawings asked for until then, the last. */
  draw(drawing: () => CurvesDrawing | undefined, width: number, theme: Theme): void {
    this.#wanted = async () => {
      this.#plotly ??= (await import("plotly.js-cartesian-dist-min")).default;
      const drawn = drawing();
      if (!drawn) return;
      const data = traces(drawn);
      await this.#plotly.react(this.node, data, layout(drawn, width, theme), config);
      this.node.dataset.curves = String(data.length);
      this.node.dataset.title = drawn.title;
    };
    window.clearTimeout(this.#soon);
    this.#soon = window.setTimeout(() => this.#run(), delayMs);
  }

  /** Draws nothing more. */
  cancel(): void {
    window.clearTimeout(this.#soon);
    this.#wanted = undefined;
  }

  clear(): void {
    this.cancel();
    this.#plotly?.purge(this.node);
    delete this.node.dataset.curves;
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#wanted) {
      const next = this.#wanted;
      this.#wanted = undefined;
      await next().catch(() => {});
    }
    this.#busy = false;
  }
}

function traces({ curves }: CurvesDrawing): object[] {
  const names = curves.map(({ name }) => name);
  return curves.map(({ name, values, step, unit }, index) => ({
    type: "scatter",
    mode: "lines",
    name: plain(name),
    x0: step / 2,
    dx: step,
    y: values.map((value) => value / unit),
    customdata: values,
    line: { width: 1.5, color: seriesColour(name, index), dash: dashes[repeats(names, index) % dashes.length] },
    hovertemplate: "%{customdata:.3~g}",
  }));
}

// Curves of the same colour differ in their dashes.
const repeats = (names: readonly string[], index: number): number =>
  names.slice(0, index).filter((name, other) => seriesColour(name, other) === seriesColour(names[index], index)).length;

function layout({ title, axisLabel, valueLabel, range }: CurvesDrawing, width: number, theme: Theme): object {
  return {
    ...theme.layout,
    width,
    height,
    margin: { l: 68, r: 16, t: 34, b: 44 },
    title: { text: plain(title), font: { size: 13 }, x: 0, xref: "paper", y: 0.97, yanchor: "top" },
    hovermode: "x unified",
    showlegend: true,
    legend: { font: { color: theme.ink }, orientation: "v" },
    hoverlabel: { bgcolor: theme.paper, font: { color: theme.ink } },
    xaxis: { ...theme.axis, title: { text: plain(axisLabel), standoff: 6 }, range: [...range], zeroline: false },
    yaxis: { ...theme.axis, title: { text: plain(valueLabel) }, rangemode: "tozero", tickformat: ".3~g" },
  };
}
