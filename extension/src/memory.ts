// The memory trace: live bytes over time, stacked by layer, op or kind; it grows while its cell runs.
import type { Message } from "@lumino/messaging";
import type { HoverEvent } from "plotly.js-cartesian-dist-min";
import { stackedColours } from "../../kernel/src/figures/colours";
import { type MemoryStack, type StackedBy, stackings, stackMemory } from "../../kernel/src/figures/stack";
import { bytes, clipped, exactBytes } from "../../kernel/src/figures/units";
import type { MemoryData } from "./decode";
import { type Drawing, Figure } from "./figure";
import type { KernelOf } from "./kernels";
import { follow } from "./live";
import { memoryMimeType } from "./mimeTypes";
import { plain, type Theme } from "./theme";
import { trans } from "./translation";

const height = 400;

export class MemoryFigure extends Figure {
  constructor(private readonly kernelOf: KernelOf) {
    super("memory", [memoryMimeType]);
    const names: Record<StackedBy, string> = { layer: trans.__("layer"), op: trans.__("op"), kind: trans.__("kind") };
    for (const by of stackings) this.#choice.add(new Option(names[by], by));
    this.#choice.dataset.lmSuppressShortcuts = "true"; // its arrow keys are its own, not the notebook's
    this.#choice.addEventListener("change", () => void this.draw());
    const label = document.createElement("label");
    label.append(trans.__("stacked by"), this.#choice);
    this.controls.append(label);
  }

  protected async read(data: unknown): Promise<string> {
    const { decodeMemory } = await import("./decode");
    const trace = decodeMemory(data);
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#data = trace.data;
    this.#events = trace.events;
    this.#choice.value = trace.by;
    this.#between = undefined;
    this.#live = trace.live;
    this.note.textContent = "";
    this.#followLive();
    return trace.title;
  }

  // A cell far from the visible part of a notebook gets its place in the document later.
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.#followLive();
  }

  override dispose(): void {
    this.#unfollow?.();
    super.dispose();
  }

  protected drawing(width: number, theme: Theme): Drawing | undefined {
    if (!this.#data) return undefined;
    const points = Math.max(200, Math.min(1200, Math.round(width)));
    const by = this.#choice.value as StackedBy;
    const stack = stackMemory(this.#data, { points, between: this.#between, by });
    this.#stack = stack;
    const { peak, timeUs, rows } = stack;
    const visible: readonly [number, number] = this.#between ?? [0, timeUs.at(-1) || 1];
    const unit = [2 ** 30, 2 ** 20, 2 ** 10].find((size) => (peak?.bytes ?? 0) >= 2 * size) ?? 1;
    const name = { [2 ** 30]: "GiB", [2 ** 20]: "MiB", [2 ** 10]: "KiB", 1: "bytes" }[unit];
    return {
      data: areas(stack, unit),
      layout: {
        ...theme.layout,
        width,
        height,
        margin: { l: 68, r: 16, t: 56, b: 50 },
        uirevision: "memory",
        hovermode: "x",
        legend: { traceorder: "reversed", font: { color: theme.ink } },
        xaxis: {
          ...theme.axis,
          title: { text: trans.__("time (ms)") },
          range: visible.map((time) => time / 1e3),
          zeroline: false,
          showspikes: true,
          spikemode: "across",
          spikethickness: 1,
          spikedash: "solid",
          spikecolor: theme.faint,
        },
        yaxis: { ...theme.axis, title: { text: name }, rangemode: "tozero", fixedrange: true },
        ...marks(stack, unit, visible, theme),
      },
      told: { by, events: this.#events, points: rows.length, peak: peak?.bytes ?? 0, live: String(this.#following) },
    };
  }

  protected describe({ pointIndex }: HoverEvent["points"][number]): string[] {
    const data = this.#data;
    const row = this.#stack?.rows[pointIndex];
    if (!data || row === undefined) return [];
    const change = data.deltaBytes[row];
    const one = data.dtype[row] ? [data.op[row], data.shape[row], data.dtype[row]] : [data.op[row]]; // or a sum of many
    const tensor = [...one, data.kind[row]].filter(Boolean).join(" ");
    const biggest = this.#stack!.series.map((one) => [nameOf(one), one.bytes[pointIndex]] as const)
      .filter(([, held]) => held > 0)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 4);
    return [
      `${((data.timeUs[row] - data.timeUs[0]) / 1e3).toFixed(3)} ms  ${data.phase[row]}`,
      trans.__("live %1 (%2)", exactBytes(data.liveBytes[row]), bytes(data.liveBytes[row])),
      `${change < 0 ? "−" : "+"}${exactBytes(Math.abs(change))}  ${tensor}`,
      data.layer[row],
      ...biggest.map(([name, held]) => `   ${name}  ${exactBytes(held)}`),
    ];
  }

  protected zoomed(changed: Record<string, unknown>): void {
    if ("xaxis.range[0]" in changed || "xaxis.range" in changed) {
      const range = changed["xaxis.range"] ?? [changed["xaxis.range[0]"], changed["xaxis.range[1]"]];
      const [from, to] = (range as unknown[]).map((time) => Number(time) * 1e3);
      this.#between = [from, to];
    } else if ("xaxis.autorange" in changed) this.#between = undefined;
    else return;
    void this.draw();
  }

  #followLive(): void {
    if (!this.#live || this.#unfollow || !this.#data || !this.isAttached) return;
    const kernel = this.kernelOf(this.node);
    if (!kernel) return;
    this.#following = true;
    let first = true;
    this.#unfollow = follow(kernel, this.#live, {
      rows: async (sent) => {
        const { decodeEvents, joined } = await import("./decode");
        const events = decodeEvents(sent);
        this.#data = first || !this.#data ? events : joined(this.#data, events);
        this.#events = this.#data.length;
        first = false;
        await this.draw();
      },
      end: (complete) => {
        this.#following = false;
        this.#live = undefined;
        if (!complete) {
          this.note.textContent = trans.__("Not running any more: shown is what was recorded until then.");
        }
        void this.draw();
      },
    });
  }

  readonly #choice = document.createElement("select");
  #data: MemoryData | undefined;
  #events = 0;
  #stack: MemoryStack | undefined;
  #between: [number, number] | undefined;
  #live: string | undefined;
  #following = false;
  #unfollow: (() => void) | undefined;
}

/** The parts have names of their own; what is none of them has one of ours. */
function nameOf({ name, kind }: MemoryStack["series"][number]): string {
  return kind === "before" ? trans.__("held before") : kind === "other" ? trans.__("everything else") : name;
}

function areas({ series, timeUs, peak }: MemoryStack, unit: number): object[] {
  const x = timeUs.map((time) => time / 1e3);
  const colours = stackedColours(series);
  const stacked = series.map((one, index) => ({
    type: "scatter",
    mode: "lines",
    name: plain(clipped(nameOf(one), 32)),
    x,
    y: one.bytes.map((held) => held / unit),
    stackgroup: "live",
    line: { width: 0, shape: "hv" },
    fillcolor: colours[index],
    hoverinfo: "none",
  }));
  if (!peak) return stacked;
  const marker = { size: 9, color: "#ffffff", line: { color: "#1f2328", width: 2 } };
  const at = { x: [peak.timeUs / 1e3], y: [peak.bytes / unit] };
  return [...stacked, { type: "scatter", mode: "markers", ...at, marker, showlegend: false, hoverinfo: "skip" }];
}

// A label near an edge of the plot grows away from it.
function side(timeUs: number, [from, to]: readonly [number, number]): "left" | "center" | "right" {
  const place = (timeUs - from) / (to - from || 1);
  return place < 0.25 ? "left" : place > 0.75 ? "right" : "center";
}

function marks({ peak, phases }: MemoryStack, unit: number, visible: readonly [number, number], theme: Theme) {
  const starts = phases.length <= 12 ? phases : [];
  const shapes = starts.slice(1).map(({ timeUs }) => ({
    type: "line",
    x0: timeUs / 1e3,
    x1: timeUs / 1e3,
    yref: "paper",
    y0: 0,
    y1: 1.08,
    line: { color: theme.faint, width: 1, dash: "4px,3px" },
  }));
  const names = starts.map(({ name, timeUs }) => ({
    text: plain(clipped(name, 32)),
    x: timeUs / 1e3,
    yref: "paper",
    y: 1.08,
    xanchor: "left",
    yanchor: "middle",
    xshift: 4,
    showarrow: false,
    font: { color: theme.faint },
  }));
  const peakLabel = peak && {
    text: trans.__("<b>peak %1</b> (%2)", exactBytes(peak.bytes), bytes(peak.bytes)),
    x: peak.timeUs / 1e3,
    y: peak.bytes / unit,
    xanchor: side(peak.timeUs, visible),
    yanchor: "bottom",
    yshift: 6,
    showarrow: false,
    bgcolor: theme.paper,
    opacity: 0.9,
    font: { color: theme.ink },
  };
  return { shapes, annotations: peakLabel ? [...names, peakLabel] : names };
}
