// One map on the page: a canvas with its picture, and one above it with the cursor.

import { mapColour } from "../../../kernel/src/figures/colours";
import type { PanelFacts } from "../../../kernel/src/figures/map/facts";
import type { Box, PanelLayout } from "../../../kernel/src/figures/map/layout";
import {
  barMarks,
  type Mark,
  type Marked,
  panelMarks,
  position,
  type View,
} from "../../../kernel/src/figures/map/marks";
import type { Range } from "../../../kernel/src/figures/map/scale";
import type { Theme } from "../theme";
import { drawRaster, type Lack } from "./raster";
import type { Colouring, Tiles } from "./tiles";

/** What a panel shows. */
export interface PanelDrawing {
  readonly index: number;
  readonly marked: Marked;
  readonly layout: PanelLayout;
  readonly view: View;
  readonly colouring: Colouring;
  /** The ends of the colours if no cell was beyond them. */
  readonly whole: Range;
  readonly features?: {
    readonly index: number;
    readonly facts: PanelFacts & { secondsPerFrame: number };
    colouring: Colouring;
  };
}

export class MapPanelView {
  readonly node = document.createElement("div");
  /** Takes pointer and keys. */
  readonly surface = document.createElement("canvas");
  readonly #picture = document.createElement("canvas");
  #drawn: PanelDrawing | undefined;

  constructor() {
    this.node.className = "bestrq-map-panel";
    this.surface.className = "bestrq-map-surface";
    this.surface.tabIndex = 0;
    this.surface.setAttribute("role", "application");
    this.surface.setAttribute("aria-roledescription", "map");
    // Its keys are its own: without this, arrows would select other cells. It has to stand on the focused node.
    this.surface.dataset.lmSuppressShortcuts = "true";
    this.node.append(this.#picture, this.surface);
  }

  get drawn(): PanelDrawing | undefined {
    return this.#drawn;
  }

  /** Draws it. @returns what it lacks */
  draw(drawing: PanelDrawing, tiles: Tiles, theme: Theme): Lack[] {
    this.#drawn = drawing;
    const { outer, map } = drawing.layout;
    const { marked, view, colouring, features } = drawing;
    place(this.node, outer);
    const { context, density } = cleared(this.#picture, outer);
    resized(this.surface, outer);
    const upwards = marked.y.upwards === true;
    const raster = { panel: drawing.index, x: view.x, y: view.y, box: map, upwards, density };
    const lacks = [drawRaster(context, tiles, raster, colouring)];
    if (features) lacks.push(...drawStrips(context, tiles, drawing, features, density));
    const marks = panelMarks(marked, drawing.layout, view);
    if (drawing.layout.bar) {
      drawBar(context, drawing.layout.bar, colouring);
      const { range, tone, diverging } = colouring;
      marks.push(...barMarks(drawing.layout.bar, range, drawing.whole, tone, diverging));
    }
    for (const mark of marks) drawMark(context, mark, theme);
    return lacks;
  }

  /** Marks the cell at `at`, a column and a row of this map, along both axes; takes the mark away without. */
  point(at: { x: number; y: number } | undefined, theme: Theme, box?: Box): void {
    if (!this.#drawn) return;
    const { layout, view, marked } = this.#drawn;
    const { context } = cleared(this.surface, layout.outer);
    if (box) {
      context.fillStyle = theme.ink;
      context.globalAlpha = 0.15;
      context.fillRect(box.x, box.y, box.width, box.height);
      context.globalAlpha = 1;
      strokeBox(context, box, theme.ink);
    }
    if (!at) return;
    const { map, xFeatures, xWords, yFeatures, yWords } = layout;
    const [left, right] = [at.x, at.x + 1].map((x) => position("x", x, view, map));
    const [one, other] = [at.y, at.y + 1].map((y) => position("y", y, view, map, marked.y.upwards));
    const [top, bottom] = [Math.min(one, other), Math.max(one, other)];
    const [start, above] = [(yWords ?? yFeatures ?? map).x, (xWords ?? xFeatures ?? map).y];
    const inX = right > map.x && left < map.x + map.width;
    const inY = bottom > map.y && top < map.y + map.height;
    // A light line with a dark edge is seen on every colour.
    const line = (x1: number, y1: number, x2: number, y2: number) => {
      for (const [colour, width] of [
        ["rgba(0,0,0,0.55)", 3],
        ["#ffffff", 1],
      ] as const) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.beginPath();
        context.moveTo(x1, y1);
        context.lineTo(x2, y2);
        context.stroke();
      }
    };
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    if (inX) line(x, above, x, map.y + map.height);
    if (inY) line(start, y, map.x + map.width, y);
    if (inX && inY && right - left > 5)
      strokeBox(context, { x: left, y: top, width: right - left, height: bottom - top }, "#ffffff");
  }

  /** The cell at a point of the screen, in shares of the map, and whether the point is beside the map on the left. */
  at(pointer: {
    clientX: number;
    clientY: number;
  }): { x: number; y: number; left: boolean; inside: boolean } | undefined {
    if (!this.#drawn) return undefined;
    const { map, outer } = this.#drawn.layout;
    const bounds = this.surface.getBoundingClientRect();
    const stretch = bounds.width / outer.width || 1;
    const x = ((pointer.clientX - bounds.left) / stretch - map.x) / map.width;
    const across = ((pointer.clientY - bounds.top) / stretch - map.y) / map.height;
    const y = this.#drawn.marked.y.upwards ? 1 - across : across;
    const within = (share: number) => share >= 0 && share < 1;
    return { x, y, left: x < 0, inside: within(x) && within(y) };
  }

  /** Where a point of the maps, in shares of their sides, is on the screen. */
  pointer({ x, y }: { x: number; y: number }): { clientX: number; clientY: number } {
    const bounds = this.surface.getBoundingClientRect();
    if (!this.#drawn) return { clientX: bounds.left, clientY: bounds.top };
    const { layout, view, marked } = this.#drawn;
    return {
      clientX: bounds.left + position("x", x * marked.columns, view, layout.map),
      clientY: bounds.top + position("y", y * marked.rows, view, layout.map, marked.y.upwards),
    };
  }
}

/** Draws the colours of a bar. */
export function drawBar(context: CanvasRenderingContext2D, box: Box, { colours }: Colouring): void {
  const gradient = context.createLinearGradient(box.x, 0, box.x + box.width, 0);
  for (let step = 0; step <= 32; step++)
    gradient.addColorStop(step / 32, `rgb(${mapColour(colours, step / 32).join()})`);
  context.fillStyle = gradient;
  context.fillRect(box.x, box.y, box.width, box.height);
}

/** Draws a line, a frame or words. */
export function drawMark(context: CanvasRenderingContext2D, mark: Mark, theme: Theme): void {
  if (mark.kind === "frame") {
    strokeBox(context, mark.box, theme.faint, 0.35);
    return;
  }
  if (mark.kind === "line") {
    context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(mark.x1, mark.y1);
    context.lineTo(mark.x2, mark.y2);
    context.stroke();
    return;
  }
  context.fillStyle = mark.faint ? theme.faint : theme.ink;
  const family = String((theme.layout.font as { family?: string }).family);
  context.font = `${mark.bold ? "600 " : ""}${mark.size}px ${family}`;
  context.textAlign = mark.anchor === "middle" ? "center" : mark.anchor;
  context.textBaseline = "middle";
  context.save();
  context.translate(mark.x, mark.y);
  if (mark.turned) context.rotate(-Math.PI / 2);
  context.fillText(mark.text, 0, 0);
  context.restore();
}

/** A canvas of that size, empty, with units of the page. */
export function cleared(canvas: HTMLCanvasElement, size: { width: number; height: number }) {
  const density = resized(canvas, size);
  const context = canvas.getContext("2d")!;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  return { context, density };
}

function resized(canvas: HTMLCanvasElement, { width, height }: { width: number; height: number }): number {
  const density = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  return density;
}

// The spectrogram along both axes, in time with the map.
function drawStrips(
  context: CanvasRenderingContext2D,
  tiles: Tiles,
  { layout, view, marked }: PanelDrawing,
  { index, facts, colouring }: NonNullable<PanelDrawing["features"]>,
  density: number,
): Lack[] {
  const frames = (range: Range, scale: number): Range => [
    (range[0] * scale) / facts.secondsPerFrame,
    (range[1] * scale) / facts.secondsPerFrame,
  ];
  const mels: Range = [0, facts.rows];
  const lacks: Lack[] = [];
  if (layout.xFeatures) {
    const x = frames(view.x, marked.x.scale ?? 1);
    const strip = { panel: index, x, y: mels, box: layout.xFeatures, upwards: true, density };
    lacks.push(drawRaster(context, tiles, strip, colouring));
  }
  if (layout.yFeatures) {
    const { x: left, y: top, width, height } = layout.yFeatures;
    const box = { x: 0, y: 0, width: height, height: width };
    const strip = { panel: index, x: frames(view.y, marked.y.scale ?? 1), y: mels, box, upwards: true, density };
    context.save();
    // Time downwards (upwards where the rows are), low pitch beside the map.
    const upwards = marked.y.upwards === true;
    context.transform(0, upwards ? -1 : 1, 1, 0, left, upwards ? top + height : top);
    lacks.push(drawRaster(context, tiles, strip, colouring));
    context.restore();
  }
  return lacks;
}

function strokeBox(context: CanvasRenderingContext2D, { x, y, width, height }: Box, colour: string, alpha = 1): void {
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  context.globalAlpha = 1;
}

function place(node: HTMLElement, { x, y, width, height }: Box): void {
  Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
}
