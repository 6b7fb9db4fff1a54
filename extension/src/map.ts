// Maps: side by side while they are few, else one at a time with a slider.
import type { HoverEvent } from "plotly.js-cartesian-dist-min";
import { areaMean, extent } from "../../kernel/src/figures/matrix";
import { short } from "../../kernel/src/figures/units";
import type { MapData } from "./decode";
import { type Drawing, Figure } from "./figure";
import { mapMimeType } from "./mimeTypes";
import { plain, type Theme } from "./theme";
import { counted, ticks, told } from "./ticks";

const mostSideBySide = 6;
const mostCells = 1200;
const gap = { x: 92, y: 84 };
const margin = { l: 92, r: 100, t: 30, b: 62 };

type Panel = MapData["panels"][number];

export class MapFigure extends Figure {
  constructor() {
    super("map", mapMimeType);
  }

  protected async read(data: unknown): Promise<string> {
    const { decodeMap } = await import("./decode");
    this.#map = decodeMap(data);
    this.#chosen = 0;
    this.#addControls(this.#map);
    return this.#map.title;
  }

  protected drawing(width: number, theme: Theme): Drawing | undefined {
    if (!this.#map) return undefined;
    const { panels, diverging, colourLabel } = this.#map;
    const shown = this.#shown(panels);
    const { across, cell, height } = layout(shown, width);
    const all = this.#shared ? extent(panels) : undefined;
    const axes: Record<string, object> = {};
    const annotations: object[] = [];
    const data = shown.map((panel, index) => {
      const suffix = index === 0 ? "" : String(index + 1);
      const [column, row] = [index % across, Math.floor(index / across)];
      const inside = { width: width - margin.l - margin.r, height: height - margin.t - margin.b };
      const left = (column * (cell.width + gap.x)) / inside.width;
      const top = 1 - (row * (cell.height + gap.y)) / inside.height;
      const right = left + cell.width / inside.width;
      const bottom = top - cell.height / inside.height;
      axes[`xaxis${suffix}`] = this.#axis("x", panel, cell, theme, [left, right], suffix);
      axes[`yaxis${suffix}`] = this.#axis("y", panel, cell, theme, [Math.max(0, bottom), top], suffix);
      annotations.push({
        text: plain(panel.name),
        x: left,
        y: top,
        xref: "paper",
        yref: "paper",
        xanchor: "left",
        yanchor: "bottom",
        showarrow: false,
        font: { color: theme.ink },
      });
      return trace(
        panel,
        suffix,
        all ?? extent([panel]),
        { diverging, bar: index === 0 && (all !== undefined || shown.length === 1) },
        colourLabel,
        theme,
      );
    });
    const [{ rows, columns }] = panels;
    return {
      data,
      layout: { ...theme.layout, ...axes, annotations, width, height, margin, uirevision: "map", dragmode: "zoom" },
      told: { panels: panels.length, shown: shown.length, rows, columns },
    };
  }

  protected describe({ x, y, z, curveNumber }: HoverEvent["points"][number]): string[] {
    if (!this.#map) return [];
    const panel = this.#shown(this.#map.panels)[curveNumber];
    const { x: xAxis, y: yAxis, colourLabel } = this.#map;
    const first = (axis: typeof xAxis, steps: number) => (counted(axis, steps) ? 1 : 0);
    const row = told(yAxis, Math.floor(y) + first(yAxis, panel.rows));
    const column = told(xAxis, Math.floor(x) + first(xAxis, panel.columns));
    const value = Number.isFinite(z) ? short(Number(z)) : "no value";
    return [panel.name, `${yAxis.label} ${row}`, `${xAxis.label} ${column}`, `${colourLabel} ${value}`];
  }

  protected zoomed(changed: Record<string, unknown>): void {
    // Ticks follow the visible part; our own changes hold no range.
    if (Object.keys(changed).some((key) => /range|autosize/.test(key))) {
      for (const key of Object.keys(changed)) {
        const range = /^([xy])axis\d*\.range(\[0\])?$/.exec(key);
        if (!range) continue;
        const name = key.split(".")[0];
        const value = changed[`${name}.range`] ?? [changed[`${name}.range[0]`], changed[`${name}.range[1]`]];
        this.#ranges[range[1] as "x" | "y"] = (value as unknown[]).map(Number) as [number, number];
      }
      if (Object.keys(changed).some((key) => key.endsWith("autorange"))) this.#ranges = {};
      void this.draw();
    }
  }

  #axis(
    side: "x" | "y",
    panel: Panel,
    cell: { width: number; height: number },
    theme: Theme,
    domain: number[],
    suffix: string,
  ) {
    const map = this.#map!;
    const axis = map[side];
    const steps = side === "x" ? panel.columns : panel.rows;
    const whole: [number, number] = side === "x" || axis.upwards ? [0, steps] : [steps, 0];
    const range = this.#ranges[side] ?? whole;
    const count = side === "x" ? cell.width / 75 : cell.height / 50;
    const same = map.panels.every(({ rows, columns }) => rows === panel.rows && columns === panel.columns);
    const unit = axis.scale ? ` (seconds · ${axis.unit || "step"})` : axis.unit ? ` (${axis.unit})` : "";
    return {
      ...theme.axis,
      ...ticks(axis, steps, range, count, side === "x" ? "<br>" : " · "),
      tickmode: "array",
      title: { text: plain(axis.label + unit), standoff: 6 },
      domain,
      anchor: `${side === "x" ? "y" : "x"}${suffix}`,
      range,
      showgrid: false,
      zeroline: false,
      ticks: "outside",
      ticklen: 4,
      ...(suffix && same ? { matches: side } : {}),
    };
  }

  #shown(panels: readonly Panel[]): readonly Panel[] {
    return panels.length > mostSideBySide ? [panels[this.#chosen]] : panels;
  }

  #addControls({ panels }: MapData): void {
    this.controls.replaceChildren();
    const input = (type: string, changed: (box: HTMLInputElement) => void): HTMLInputElement => {
      const box = document.createElement("input");
      box.type = type;
      // Its keys are its own: without this, arrows would select other cells. It has to stand on the focused node.
      box.dataset.lmSuppressShortcuts = "true";
      box.addEventListener("input", () => {
        changed(box);
        void this.draw();
      });
      return box;
    };
    if (panels.length > mostSideBySide) {
      const name = document.createElement("output");
      name.textContent = panels[0].name;
      const slider = input("range", (box) => {
        this.#chosen = box.valueAsNumber;
        name.textContent = panels[this.#chosen].name;
      });
      slider.max = String(panels.length - 1);
      slider.value = "0";
      slider.setAttribute("aria-label", "which map");
      this.controls.append(labelled("", slider, name));
    }
    if (panels.length > 1) {
      const box = input("checkbox", ({ checked }) => {
        this.#shared = checked;
      });
      box.checked = this.#shared;
      this.controls.append(labelled("", box, "same colours in all maps"));
    }
  }

  #map: MapData | undefined;
  #chosen = 0;
  #shared = true;
  #ranges: { x?: [number, number]; y?: [number, number] } = {};
}

function labelled(before: string, ...nodes: (Node | string)[]): HTMLLabelElement {
  const label = document.createElement("label");
  label.append(before, ...nodes);
  return label;
}

// Wide maps, such as weights over time, lie below each other; squarer ones stand side by side.
function layout(panels: readonly Panel[], width: number) {
  const { rows, columns } = panels[0];
  const inside = Math.max(120, width - margin.l - margin.r);
  const wide = columns > 2 * rows;
  const fit = Math.max(1, Math.floor((inside + gap.x) / (170 + gap.x)));
  const across = wide ? 1 : Math.min(panels.length, fit, panels.length === 4 && fit < 4 ? 2 : 4);
  const side = (inside + gap.x) / across - gap.x;
  const cell = wide
    ? { width: side, height: Math.min(300, Math.max(90, rows * (rows <= 16 ? 20 : 3.5))) }
    : { width: Math.min(side, 460), height: Math.min(side, 460) * Math.min(1.5, rows / columns) };
  const down = Math.ceil(panels.length / across);
  return { across, cell, height: Math.round(margin.t + margin.b + down * (cell.height + gap.y) - gap.y) };
}

function trace(
  panel: Panel,
  suffix: string,
  [low, high]: [number, number],
  { diverging, bar }: { diverging: boolean; bar: boolean },
  colourLabel: string,
  theme: Theme,
) {
  const { values, rows, columns } = areaMean(panel, mostCells);
  const reach = Math.max(Math.abs(low), Math.abs(high));
  const [dx, dy] = [panel.columns / columns, panel.rows / rows];
  return {
    type: "heatmap",
    z: Array.from({ length: rows }, (_, row) => Array.prototype.slice.call(values, row * columns, (row + 1) * columns)),
    x0: dx / 2,
    dx,
    y0: dy / 2,
    dy,
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    zmin: diverging ? -reach : low,
    zmax: diverging ? reach : high,
    colorscale: diverging ? "RdBu" : "Viridis",
    showscale: bar,
    colorbar: {
      title: { text: plain(colourLabel), side: "right", font: { color: theme.ink } },
      thickness: 10,
      outlinewidth: 0,
      tickfont: { color: theme.ink },
      tickformat: ".3~g",
    },
    hoverinfo: "none",
  };
}
