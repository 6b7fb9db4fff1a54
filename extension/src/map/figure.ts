// The map figure: maps side by side, zoom and cursor linked, in the colours and at the steps that the reader chooses.
import { layout } from "../../../kernel/src/figures/map/layout";
import { grouped } from "../../../kernel/src/figures/units";
import { FigureFrame } from "../figureFrame";
import type { KernelOf } from "../kernels";
import { mapMimeTypes } from "../mimeTypes";
import { watchSight } from "../sight";
import { currentTheme, type Theme } from "../theme";
import { trans } from "../translation";
import { Controls } from "./controls";
import { CurvePlot } from "./curve";
import { Handling } from "./handling";
import { listen } from "./input";
import { Legend } from "./legend";
import { linesAt } from "./lines";
import { MapPanelView, type PanelDrawing } from "./panel";
import { RemoteTiles } from "./remote";
import { Shown } from "./shown";
import { Sound } from "./sound";
import { cellAt, coarseness } from "./words";

export class MapFigure extends FigureFrame {
  constructor(private readonly kernelOf: KernelOf) {
    super("map", mapMimeTypes);
    this.body.className = "bestrq-map";
    this.#maps.className = "bestrq-map-panels";
    this.body.append(this.#legend.node, this.#maps, this.#curve.node);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#unwatch();
    cancelAnimationFrame(this.#frame);
    this.#close();
    this.#curve.clear();
    super.dispose();
  }

  protected override async read(data: unknown, mimeType: string): Promise<string> {
    this.#began = performance.now();
    const { decodeFirstMap, decodeMap } = await import("./decode");
    const map = mimeType === mapMimeTypes[0] ? decodeMap(data) : decodeFirstMap(data);
    const { facts } = map;
    this.#close();
    const redraw = () => this.#later();
    const controls = new Controls(this.controls, facts, {
      changed: redraw,
      zoom: (factor) => handling.zoom(factor),
      whole: () => handling.whole(),
      hear: () => handling.hear(false),
    });
    const shown = new Shown(map, controls, redraw, (error) => this.refuse(error));
    const recording = map.tiles.find(({ panel }) => panel === facts.panels.length + 1)?.bytes;
    this.#sound = facts.audio && recording && new Sound(recording, facts.audio);
    const handling = new Handling(shown, this.#sound, {
      redraw,
      point: () => this.#point(currentTheme()),
      tooltip: this.tooltip,
      heard: (from, to) => {
        this.node.dataset.heard = `${from.toFixed(2)}–${to.toFixed(2)}`;
      },
    });
    this.#remote = new RemoteTiles(map.live, () => this.kernelOf(this.node), {
      take: (sent) => {
        shown.tiles.add(sent);
        redraw();
      },
      gone: redraw,
    });
    this.#shown = shown;
    this.#handling = handling;
    return facts.title;
  }

  protected override async draw(): Promise<void> {
    const width = this.node.clientWidth;
    if (!this.#shown || width === 0 || this.isDisposed) return;
    const { facts, tiles, choices, indices, panels } = this.#shown;
    const timed = (side: "x" | "y") => facts[side].scale !== undefined;
    const placed = layout(width, panels, {
      xWords: facts.transcript !== undefined && timed("x"),
      yWords: facts.transcript !== undefined && timed("y"),
      xFeatures: facts.features !== undefined && timed("x"),
      yFeatures: facts.features !== undefined && timed("y"),
      ownBar: !choices.sameColours,
    });
    this.drawnWidth = width;
    const [{ rows, columns }] = panels;
    this.#told({ rows, columns, panels: facts.panels.length, shown: indices.length });
    this.#maps.style.height = `${placed.height}px`;
    // Out of sight, the figure takes its place and waits.
    if (!this.#near) return;
    const theme = currentTheme();
    this.#showPanels(indices.length);
    const lacks = indices.flatMap((index, place) => {
      const drawing = this.#shown!.drawing(index, placed.panels[place]);
      this.#label(this.#panels[place], drawing);
      return this.#panels[place].draw(drawing, tiles, theme);
    });
    this.#drawLegend(theme);
    this.#point(theme);
    this.#remote?.want(lacks.flatMap(({ missing }) => missing));
    this.#tell(lacks.some(({ waiting }) => waiting));
    this.#drawCurve(theme);
  }

  /** Draws with the next frame of the screen, however often it is called until then. */
  #later(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw().catch((error) => this.refuse(error));
    });
  }

  #showPanels(count: number): void {
    while (this.#panels.length < count) {
      const panel = new MapPanelView();
      listen(panel, this.#handling!);
      this.#panels.push(panel);
      this.#maps.append(panel.node);
    }
    for (const panel of this.#panels.splice(count)) panel.node.remove();
  }

  #label({ surface }: MapPanelView, { marked: { name, rows, columns, x, y } }: PanelDrawing): void {
    const size = `${grouped(rows)} × ${grouped(columns)}`;
    const keys = trans.__("%1 (%2 × %3), arrow keys move the cursor", size, y.label, x.label);
    surface.setAttribute("aria-label", [name, this.#shown!.controls.told, keys].filter(Boolean).join(", "));
  }

  #drawLegend(theme: Theme): void {
    const { facts, choices, indices } = this.#shown!;
    const { sameColours, tone, colours } = choices;
    const range = this.#shown!.range(indices[0]);
    const shared = sameColours ? { colours, tone, range, diverging: facts.diverging } : undefined;
    this.#legend.draw(facts.colourLabel, shared, this.#shown!.range(indices[0], true), theme);
  }

  /** Marks the cursor on every map. */
  #point(theme: Theme): void {
    const { hovered, picked, choosing } = this.#shown!;
    const at = hovered ?? picked;
    for (const panel of this.#panels) {
      const cell = at && panel.drawn && cellAt(at, panel.drawn.marked);
      const box = choosing?.panel === panel ? choosing.box : undefined;
      panel.point(cell && { x: cell.column, y: cell.row }, theme, box);
    }
  }

  /** A row or a column below the maps. */
  #drawCurve(theme: Theme): void {
    const shown = this.#shown!;
    const side = shown.choices.curve;
    const at = shown.picked ?? shown.hovered;
    this.#curve.node.hidden = side === "none" || !at;
    if (side === "none" || !at) this.#curve.cancel();
    else this.#curve.draw(() => linesAt(at, side, shown), this.node.clientWidth, theme);
  }

  /** Says what is seen: to tests and tools in the document, to the reader in a note. */
  #tell(waiting: boolean): void {
    const { tiles, viewport, indices } = this.#shown!;
    const finest = Math.max(...indices.map((index) => tiles.finest(index) ?? tiles.levels(index).length - 1));
    this.#told({ level: finest });
    if (!waiting && !this.node.dataset.readyMs)
      this.node.dataset.readyMs = (performance.now() - this.#began).toFixed(0);
    this.node.dataset.view = [...viewport.x, ...viewport.y].map((share) => share.toFixed(4)).join();
    this.note.textContent = this.#remote?.reachable ? "" : coarseness(this.#shown!);
  }

  #told(facts: Record<string, number>): void {
    for (const [name, value] of Object.entries(facts)) this.node.setAttribute(`data-${name}`, String(value));
  }

  /** Lets go of what belongs to the data before. */
  #close(): void {
    this.#remote?.close();
    this.#sound?.close();
    for (const panel of this.#panels.splice(0)) panel.node.remove();
  }

  readonly #legend = new Legend();
  readonly #maps = document.createElement("div");
  readonly #curve = new CurvePlot();
  readonly #panels: MapPanelView[] = [];
  readonly #unwatch = watchSight(this.node, (near) => {
    this.#near = near;
    if (near) this.#later();
  });
  #near = false;
  #frame = 0;
  /** When it was given its data; how long it took to draw is told in the document. */
  #began = 0;
  #shown: Shown | undefined;
  #handling: Handling | undefined;
  #remote: RemoteTiles | undefined;
  #sound: Sound | undefined;
}
