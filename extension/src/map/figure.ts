// The map figure: maps side by side, zoom and cursor linked, in the colours and at the steps that the reader chooses.
import type { MapFacts } from "../../../kernel/src/figures/map/facts";
import { type Box, layout } from "../../../kernel/src/figures/map/layout";
import { type Dimension, nameOf, shownAt } from "../../../kernel/src/figures/map/places";
import { colourRange } from "../../../kernel/src/figures/map/scale";
import { grouped } from "../../../kernel/src/figures/units";
import { FigureFrame } from "../figureFrame";
import type { KernelOf } from "../kernels";
import { mapMimeTypes } from "../mimeTypes";
import { currentTheme, type Theme } from "../theme";
import { trans } from "../translation";
import { Controls } from "./controls";
import { CurvePlot } from "./curve";
import type { MapData } from "./decode";
import { type Handled, listen } from "./input";
import { Legend } from "./legend";
import { MapPanelView, type PanelDrawing } from "./panel";
import { RemoteTiles } from "./remote";
import { lineOf } from "./rows";
import { Sound } from "./sound";
import { type Place, Tiles } from "./tiles";
import { Viewport } from "./viewport";
import { type Cursor, cellAt, cellWords, placeWords } from "./words";

/** What there is once the data has been read. */
interface Opened {
  readonly map: MapData;
  readonly facts: MapFacts;
  readonly tiles: Tiles;
  readonly viewport: Viewport;
  readonly controls: Controls;
}

const curveDelayMs = 60;

export class MapFigure extends FigureFrame implements Handled {
  constructor(private readonly kernelOf: KernelOf) {
    super("map", mapMimeTypes);
    this.body.className = "bestrq-map";
    this.#maps.className = "bestrq-map-panels";
    this.body.append(this.#legend.node, this.#maps, this.#curve.node);
    this.#sight.observe(this.node);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#sight.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#curveTimer);
    this.#remote?.close();
    this.#sound?.close();
    this.#curve.clear();
    super.dispose();
  }

  protected override async read(data: unknown, mimeType: string): Promise<string> {
    this.#began = performance.now();
    const { decodeFirstMap, decodeMap } = await import("./decode");
    const map = mimeType === mapMimeTypes[0] ? decodeMap(data) : decodeFirstMap(data);
    const { facts } = map;
    const panels = facts.features ? [...facts.panels, facts.features] : facts.panels;
    const tiles = new Tiles(
      panels,
      () => this.#later(),
      (error) => this.refuse(error),
    );
    tiles.add(map.tiles.filter(({ panel }) => panel >= 0 && panel < panels.length));
    const most = (side: "rows" | "columns") => Math.max(...facts.panels.map((panel) => panel[side]));
    const viewport = new Viewport({ x: Math.min(1, 4 / most("columns")), y: Math.min(1, 4 / most("rows")) });
    const controls = new Controls(this.controls, facts, {
      changed: () => this.#later(),
      zoom: (factor) => this.zoom(factor),
      whole: () => this.whole(),
      hear: () => this.hear(false),
    });
    this.#remote?.close();
    this.#remote = undefined;
    this.#sound?.close();
    this.#sound = undefined;
    this.#cursor = this.#picked = undefined;
    this.#opened = { map, facts, tiles, viewport, controls };
    return facts.title;
  }

  protected override async draw(): Promise<void> {
    const width = this.node.clientWidth;
    if (!this.#opened || width === 0 || this.isDisposed) return;
    const { facts, tiles, controls } = this.#opened;
    const shown = this.#shown;
    const timed = (side: "x" | "y") => facts[side].scale !== undefined;
    const placed = layout(
      width,
      shown.map((index) => facts.panels[index]),
      {
        xWords: facts.transcript !== undefined && timed("x"),
        yWords: facts.transcript !== undefined && timed("y"),
        xFeatures: facts.features !== undefined && timed("x"),
        yFeatures: facts.features !== undefined && timed("y"),
        ownBar: !controls.choices.sameColours,
      },
    );
    this.drawnWidth = width;
    const [{ rows, columns }] = shown.map((index) => facts.panels[index]);
    this.#told({ rows, columns, panels: facts.panels.length, shown: shown.length });
    this.#maps.style.height = `${placed.height}px`;
    // Far from what is seen of the page, the figure takes its place and waits.
    if (!this.#inSight) return;
    const theme = currentTheme();
    this.#showPanels(shown.length);
    const lacks = shown.flatMap((index, place) => {
      const drawing = this.#drawing(this.#opened!, index, placed.panels[place]);
      this.#label(this.#panels[place], drawing, controls.told);
      return this.#panels[place].draw(drawing, tiles, theme);
    });
    this.#drawLegend(theme);
    this.#point(theme);
    this.#ask(lacks.flatMap(({ missing }) => missing));
    this.#tell(lacks.some(({ waiting }) => waiting));
    this.#drawCurve();
  }

  /** Draws with the next frame of the screen, however often it is called until then. */
  #later(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw().catch((error) => this.refuse(error));
    });
  }

  /** The maps seen side by side. */
  get #shown(): number[] {
    const { facts, controls } = this.#opened!;
    return shownAt(facts.panels, controls.choices.chosen);
  }

  #drawing({ facts, viewport, controls }: Opened, index: number, at: PanelDrawing["layout"]): PanelDrawing {
    const panel = facts.panels[index];
    const { tone, colours, every } = controls.choices;
    const { x, y, transcript, diverging, features } = facts;
    const together = this.#together(index);
    return {
      index,
      marked: { name: nameOf(panel), rows: panel.rows, columns: panel.columns, x, y, transcript },
      layout: at,
      view: viewport.of(panel),
      colouring: { colours, tone, diverging, range: colourRange(together, every, diverging) },
      whole: colourRange(together, true, diverging),
      ...(features && {
        features: {
          index: facts.panels.length,
          facts: features,
          colouring: {
            colours: "grey",
            range: colourRange([features], false, false),
            tone: "linear",
            diverging: false,
          },
        },
      }),
    };
  }

  /** The maps that share their colours with this one. */
  #together(index: number) {
    const { facts, controls } = this.#opened!;
    return (controls.choices.sameColours ? this.#shown : [index]).map((other) => facts.panels[other]);
  }

  #showPanels(count: number): void {
    while (this.#panels.length < count) {
      const panel = new MapPanelView();
      listen(panel, this);
      this.#panels.push(panel);
      this.#maps.append(panel.node);
    }
    for (const panel of this.#panels.splice(count)) panel.node.remove();
  }

  #label({ surface }: MapPanelView, { marked }: PanelDrawing, steps: string): void {
    const { name, rows, columns, x, y } = marked;
    const size = `${grouped(rows)} × ${grouped(columns)}`;
    const label = [name, steps, trans.__("%1 (%2 × %3), arrow keys move the cursor", size, y.label, x.label)];
    surface.setAttribute("aria-label", label.filter(Boolean).join(", "));
  }

  #drawLegend(theme: Theme): void {
    const { facts, controls } = this.#opened!;
    const { sameColours, tone, colours, every } = controls.choices;
    const maps = this.#together(this.#shown[0]);
    const range = colourRange(maps, every, facts.diverging);
    const shared = sameColours ? { colours, tone, range, diverging: facts.diverging } : undefined;
    this.#legend.draw(facts.colourLabel, shared, colourRange(maps, true, facts.diverging), theme);
  }

  /** Marks the cursor on every map. */
  #point(theme: Theme): void {
    const at = this.#cursor ?? this.#picked;
    for (const panel of this.#panels) {
      const marked = panel.drawn?.marked;
      const cell = at && marked && cellAt(at, marked);
      const choosing = this.#choosing?.panel === panel ? this.#choosing.box : undefined;
      panel.point(cell && { x: cell.column, y: cell.row }, theme, choosing);
    }
  }

  /** Asks the kernel for tiles that the notebook does not store. */
  #ask(missing: readonly Place[]): void {
    const { map, tiles } = this.#opened!;
    if (missing.length === 0 || !map.live || this.#gone === map.live) return;
    const kernel = this.#remote ? undefined : this.kernelOf(this.node);
    if (kernel) {
      const take = (sent: MapData["tiles"]) => {
        tiles.add(sent);
        this.#later();
      };
      const gone = () => {
        this.#gone = map.live;
        this.#later();
      };
      this.#remote = new RemoteTiles(kernel, map.live, take, gone);
    }
    this.#remote?.want(missing);
  }

  /** Says what is seen: to tests and tools in the document, to the reader in a note. */
  #tell(waiting: boolean): void {
    const { map, tiles, viewport } = this.#opened!;
    const shown = this.#shown;
    const finest = Math.max(...shown.map((index) => tiles.finest(index) ?? tiles.levels(index).length - 1));
    this.#told({ level: finest });
    if (!waiting && !this.node.dataset.readyMs)
      this.node.dataset.readyMs = (performance.now() - this.#began).toFixed(0);
    this.node.dataset.view = [...viewport.x, ...viewport.y].map((share) => share.toFixed(4)).join();
    const coarse = shown.find((index) => (tiles.finest(index) ?? 1) > 0);
    const fromKernel = map.live !== undefined && this.#gone !== map.live && this.kernelOf(this.node) !== undefined;
    this.note.textContent = coarse === undefined || fromKernel ? "" : this.#coarseness(coarse);
  }

  #told(facts: Record<string, number>): void {
    for (const [name, value] of Object.entries(facts)) this.node.setAttribute(`data-${name}`, String(value));
  }

  #coarseness(index: number): string {
    const { facts, tiles } = this.#opened!;
    const { rows, columns } = facts.panels[index];
    const level = tiles.levels(index)[tiles.finest(index) ?? tiles.levels(index).length - 1];
    return trans.__(
      "The notebook stores %1 × %2 of %3 × %4 cells, each the mean of %5 × %6. Run the cell again to see every cell.",
      ...[level.rows, level.columns, rows, columns, level.rowsPerCell, level.columnsPerCell].map(grouped),
    );
  }

  /** A row or a column below the maps; soon, as many changes may follow. */
  #drawCurve(): void {
    clearTimeout(this.#curveTimer);
    const { controls } = this.#opened!;
    const side = controls.choices.curve;
    const at = this.#picked ?? this.#cursor;
    this.#curve.node.hidden = side === "none" || !at;
    if (side === "none" || !at) return;
    this.#curveTimer = window.setTimeout(() => this.#drawCurveNow(side, at), curveDelayMs);
  }

  #drawCurveNow(side: "row" | "column", at: Cursor): void {
    if (this.isDisposed || !this.#opened) return;
    const { facts, tiles, viewport, controls } = this.#opened;
    const along = side === "row" ? "x" : "y";
    const axis = facts[along];
    const curves = this.#shown.flatMap((index) => {
      const { row, column } = cellAt(at, facts.panels[index]);
      const line = lineOf(tiles, index, along, side === "row" ? row : column);
      if (!line) return [];
      const [low, high] = colourRange(this.#together(index), controls.choices.every, facts.diverging);
      const unit = controls.choices.sameColours ? 1 : Math.max(Math.abs(low), Math.abs(high)) || 1;
      return [{ name: nameOf(facts.panels[index]), values: line.values, step: line.per * (axis.scale ?? 1), unit }];
    });
    if (curves.length === 0) return;
    const panel = facts.panels[this.#shown[0]];
    const cell = cellAt(at, panel);
    const across = side === "row";
    const where = placeWords(
      facts,
      across ? "y" : "x",
      across ? panel.rows : panel.columns,
      across ? cell.row : cell.column,
    );
    const view = viewport.of(panel)[along];
    this.#curve.draw(
      {
        title: across ? trans.__("row: %1", where) : trans.__("column: %1", where),
        axisLabel: axis.scale ? `${axis.label} (s)` : axis.unit ? `${axis.label} (${axis.unit})` : axis.label,
        valueLabel: controls.choices.sameColours
          ? facts.colourLabel
          : trans.__("%1, each to its own scale", facts.colourLabel),
        range: [view[0] * (axis.scale ?? 1), view[1] * (axis.scale ?? 1)],
        curves,
      },
      this.node.clientWidth,
      currentTheme(),
    );
  }

  // What pointer and keys do.

  zoom(factor: number, x?: number, y?: number): void {
    const at = this.#picked;
    const { viewport } = this.#opened!;
    const share = ([from, to]: readonly [number, number], place: number) => (place - from) / (to - from);
    const inside = (place: number) => (place >= 0 && place <= 1 ? place : 0.5);
    // Keys and buttons zoom around the cursor.
    const around = at ? { x: inside(share(viewport.x, at.x)), y: inside(share(viewport.y, at.y)) } : { x: 0.5, y: 0.5 };
    viewport.zoom(factor, x ?? around.x, y ?? around.y);
    this.#later();
  }

  pan(x: number, y: number): void {
    this.#opened!.viewport.pan(x, y);
    this.#later();
  }

  part(x: readonly [number, number], y: readonly [number, number]): void {
    this.#opened!.viewport.box(x, y);
    this.#later();
  }

  whole(): void {
    this.#opened!.viewport.all();
    this.#later();
  }

  hover(panel: MapPanelView, at: { x: number; y: number } | undefined, pointer: MouseEvent): void {
    this.#cursor = at && this.#cursorOn(panel, at);
    if (this.#cursor) this.tooltip.show(this.#words(this.#cursor), pointer);
    else this.tooltip.hide();
    this.#point(currentTheme());
  }

  pick(panel: MapPanelView, at: { x: number; y: number }, left: boolean): void {
    const clamped = { x: Math.min(1, Math.max(0, at.x)), y: Math.min(1, Math.max(0, at.y)) };
    this.#picked = this.#cursorOn(panel, clamped);
    this.#opened!.controls.showCurve();
    this.hear(left);
    this.#later();
  }

  move(panel: MapPanelView, columns: number, rows: number): void {
    const drawn = panel.drawn;
    if (!drawn) return;
    const { viewport } = this.#opened!;
    const middle = { x: (viewport.x[0] + viewport.x[1]) / 2, y: (viewport.y[0] + viewport.y[1]) / 2 };
    const cell = cellAt(this.#picked ?? middle, drawn.marked);
    const moved = (now: number, by: number, steps: number) =>
      (Math.min(steps - 1, Math.max(0, now + by)) + 0.5) / steps;
    const { marked } = drawn;
    this.#picked = {
      panel: drawn.index,
      x: moved(cell.column, columns, marked.columns),
      y: moved(cell.row, rows, marked.rows),
    };
    this.#cursor = undefined;
    viewport.reveal(this.#picked.x, this.#picked.y);
    this.tooltip.show(this.#words(this.#picked), panel.pointer(this.#picked));
    this.#later();
  }

  step(dimension: Dimension, by: number): void {
    const name = this.#opened!.controls.step(dimension, by);
    if (name) this.tooltip.say(name);
  }

  curve(side: "row" | "column"): void {
    this.#opened!.controls.showCurve(side);
    this.#later();
  }

  /** Plays the half-second around the column of the cursor, or around its row. */
  hear(rows: boolean): void {
    const { facts, map } = this.#opened!;
    const at = this.#picked ?? this.#cursor;
    if (!facts.audio || !at) return;
    const bytes = map.tiles.find(({ panel }) => panel === facts.panels.length + 1)?.bytes;
    const side = facts.x.scale === undefined || (rows && facts.y.scale !== undefined) ? "y" : "x";
    const { scale } = facts[side];
    if (!bytes || !scale) return;
    this.#sound ??= new Sound(bytes, facts.audio.rate, facts.audio.samples);
    const panel = facts.panels[at.panel];
    const { row, column } = cellAt(at, panel);
    const heard = this.#sound.play(((side === "x" ? column : row) + 0.5) * scale);
    this.node.dataset.heard = heard.map((second) => second.toFixed(2)).join("–");
  }

  choosing(panel: MapPanelView, box: Box | undefined): void {
    this.#choosing = box && { panel, box };
    this.#point(currentTheme());
  }

  leave(): void {
    this.tooltip.hide();
  }

  #cursorOn(panel: MapPanelView, { x, y }: { x: number; y: number }): Cursor {
    const { viewport } = this.#opened!;
    const on = ([from, to]: readonly [number, number], share: number) => from + share * (to - from);
    return { x: on(viewport.x, x), y: on(viewport.y, y), panel: panel.drawn!.index };
  }

  #words(cursor: Cursor): string[] {
    const { facts, tiles } = this.#opened!;
    return cellWords(facts, tiles, this.#shown, cursor);
  }

  readonly #legend = new Legend();
  readonly #maps = document.createElement("div");
  readonly #curve = new CurvePlot();
  readonly #panels: MapPanelView[] = [];
  readonly #sight = new IntersectionObserver(
    (entries) => {
      this.#inSight = entries.at(-1)!.isIntersecting;
      if (this.#inSight) this.#later();
    },
    { rootMargin: "300px" },
  );
  #opened: Opened | undefined;
  #inSight = false;
  #frame = 0;
  /** When it was given its data; how long it took to draw is told in the document. */
  #began = 0;
  #curveTimer = 0;
  #remote: RemoteTiles | undefined;
  /** The figure that its kernel keeps no more. */
  #gone: string | undefined;
  #sound: Sound | undefined;
  #cursor: Cursor | undefined;
  #picked: Cursor | undefined;
  #choosing: { panel: MapPanelView; box: Box } | undefined;
}
