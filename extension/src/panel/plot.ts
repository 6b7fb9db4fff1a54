// The plot: drawn at most ten times a second and only while it is seen, moved by pointer and keys.
import type { PlotElement, Plotly } from "plotly.js-cartesian-dist-min";
import type { Drawing } from "../figure";
import { config } from "../theme";
import { Tooltip } from "../tooltip";
import { trans } from "../translation";
import { fromLocal } from "./drawing";
import { element } from "./elements";
import type { Range } from "./timeWindow";

const leastPauseMs = 100;
/** The share of the time that drawing may take. */
const share = 0.25;

export interface PlotHost {
  seen(): boolean;
  /** What is to be drawn in that room. */
  draw(width: number, height: number): Drawing | undefined;
  describe(time: number): string[];
  show(range: Range): void;
  resume(): void;
  key(key: string): boolean;
}

export class Plot {
  readonly node = element("div", {
    className: "bestrq-panel-plot",
    attributes: {
      tabindex: "0",
      role: "figure",
      "data-lm-suppress-shortcuts": "true",
      "aria-keyshortcuts": "ArrowLeft ArrowRight + - End Space",
      "aria-roledescription": trans.__("plot"),
    },
  });

  constructor(private readonly host: PlotHost) {
    this.node.append(this.#drawn);
    this.#observer.observe(this.node);
    this.node.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || !host.key(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    // What is being dragged must not be drawn anew.
    this.node.addEventListener("pointerdown", () => {
      this.#held = true;
      window.addEventListener("pointerup", this.#release, { once: true });
    });
  }

  /** There is something new: it is drawn soon. */
  changed(): void {
    if (this.#waiting || !this.host.seen()) return;
    this.#waiting = true;
    const wait = Math.max(0, this.#next - performance.now());
    this.#timer = setTimeout(() => requestAnimationFrame(() => void this.#draw()), wait);
  }

  /** The user wants to see it now. */
  now(): void {
    this.#next = 0;
    if (this.#waiting) clearTimeout(this.#timer);
    this.#waiting = false;
    this.changed();
  }

  dispose(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    this.#plotly?.purge(this.#drawn);
  }

  async #draw(): Promise<void> {
    try {
      this.#plotly ??= (await import("plotly.js-cartesian-dist-min")).default;
      if (this.#over || this.#held || !this.host.seen()) return;
      const began = performance.now();
      const drawing = this.host.draw(this.node.clientWidth, this.node.clientHeight);
      this.#drawn.hidden = !drawing;
      if (!drawing) return;
      const ways = { ...config, displayModeBar: false, doubleClick: false };
      this.#listen(await this.#plotly.react(this.#drawn, drawing.data, drawing.layout, ways));
      for (const [name, value] of Object.entries(drawing.told)) this.node.setAttribute(`data-${name}`, String(value));
      this.node.dataset.drawings = String(++this.#count);
      const took = performance.now() - began;
      this.#next = performance.now() + Math.max(leastPauseMs - took, took / share - took);
    } finally {
      this.#waiting = false;
    }
  }

  #listen(plot: PlotElement): void {
    if (this.#listening) return;
    this.#listening = true;
    plot.on("plotly_hover", ({ points, event }) =>
      this.#tooltip.show(this.host.describe(fromLocal(moment(points[0].x))), event),
    );
    plot.on("plotly_unhover", () => this.#tooltip.hide());
    plot.on("plotly_doubleclick", () => this.host.resume());
    plot.on("plotly_relayout", (changed) => {
      const range = changed["xaxis.range"] ?? [changed["xaxis.range[0]"], changed["xaxis.range[1]"]];
      const [from, to] = (range as unknown[]).map((time) => fromLocal(moment(time)));
      if (to > from) this.host.show([from, to]);
    });
  }

  readonly #release = (): void => {
    this.#held = false;
    this.changed();
  };
  readonly #drawn = element("div");
  readonly #tooltip = new Tooltip(this.node);
  readonly #observer = new ResizeObserver(() => this.now());
  #plotly: Plotly | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting = false;
  #held = false;
  #over = false;
  #listening = false;
  #count = 0;
  #next = 0;
}

/** Plotly tells moments as numbers or as `2026-11-23 16:44:12.5`, of no time zone. */
const moment = (told: unknown): number =>
  typeof told === "number" ? told : Date.parse(`${String(told).replace(" ", "T")}Z`);
