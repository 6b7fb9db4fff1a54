// What pointer and keys do to a figure.
import type { Box } from "../../../kernel/src/figures/map/layout";
import type { Dimension } from "../../../kernel/src/figures/map/places";
import type { Tooltip } from "../tooltip";
import { trans } from "../translation";
import type { Handled } from "./input";
import type { MapPanelView } from "./panel";
import type { Shown } from "./shown";
import type { Sound } from "./sound";
import { type Cursor, cellAt, cellWords } from "./words";

/** What a figure does when something has changed. */
interface Responding {
  /** Draws, soon. */
  redraw(): void;
  /** Marks the cursor anew. */
  point(): void;
  readonly tooltip: Tooltip;
  /** Tells what was heard. */
  heard(from: number, to: number): void;
}

export class Handling implements Handled {
  constructor(
    private readonly shown: Shown,
    private readonly sound: Sound | undefined,
    private readonly figure: Responding,
  ) {}

  zoom(factor: number, x?: number, y?: number): void {
    const { viewport, picked } = this.shown;
    const share = ([from, to]: readonly [number, number], place: number) => (place - from) / (to - from);
    const inside = (place: number) => (place >= 0 && place <= 1 ? place : 0.5);
    // Keys and buttons zoom around the cursor.
    const around = picked && { x: inside(share(viewport.x, picked.x)), y: inside(share(viewport.y, picked.y)) };
    viewport.zoom(factor, x ?? around?.x, y ?? around?.y);
    this.figure.redraw();
  }

  pan(x: number, y: number): void {
    this.shown.viewport.pan(x, y);
    this.figure.redraw();
  }

  part(x: readonly [number, number], y: readonly [number, number]): void {
    this.shown.viewport.box(x, y);
    this.figure.redraw();
  }

  whole(): void {
    this.shown.viewport.all();
    this.figure.redraw();
  }

  hover(panel: MapPanelView, at: { x: number; y: number } | undefined, pointer: MouseEvent): void {
    const cursor = at && this.#on(panel, at);
    this.shown.hovered = cursor;
    if (cursor) this.figure.tooltip.show(this.#words(cursor), pointer);
    else this.figure.tooltip.hide();
    this.figure.point();
  }

  pick(panel: MapPanelView, at: { x: number; y: number }, left: boolean): void {
    const share = (place: number) => Math.min(1, Math.max(0, place));
    this.shown.picked = this.#on(panel, { x: share(at.x), y: share(at.y) });
    this.shown.controls.showCurve();
    this.hear(left);
    this.figure.redraw();
  }

  move(panel: MapPanelView, columns: number, rows: number): void {
    const { drawn } = panel;
    if (!drawn) return;
    const { viewport, picked } = this.shown;
    const middle = { x: (viewport.x[0] + viewport.x[1]) / 2, y: (viewport.y[0] + viewport.y[1]) / 2 };
    const cell = cellAt(picked ?? middle, drawn.marked);
    const moved = (now: number, by: number, steps: number) =>
      (Math.min(steps - 1, Math.max(0, now + by)) + 0.5) / steps;
    const cursor = {
      panel: drawn.index,
      x: moved(cell.column, columns, drawn.marked.columns),
      y: moved(cell.row, rows, drawn.marked.rows),
    };
    this.shown.picked = cursor;
    this.shown.hovered = undefined;
    viewport.reveal(cursor.x, cursor.y);
    this.figure.tooltip.show(this.#words(cursor), panel.pointer(cursor));
    this.figure.redraw();
  }

  step(dimension: Dimension, by: number): void {
    const name = this.shown.controls.step(dimension, by);
    if (name) this.figure.tooltip.say(name);
  }

  curve(side: "row" | "column"): void {
    this.shown.controls.showCurve(side);
    this.figure.redraw();
  }

  /** Plays the half-second around the column of the cursor, or around its row. */
  hear(rows: boolean): void {
    const { facts, picked, hovered } = this.shown;
    const at = picked ?? hovered;
    const side = facts.x.scale === undefined || (rows && facts.y.scale !== undefined) ? "y" : "x";
    const { scale } = facts[side];
    if (!this.sound || !at || !scale) return;
    const { row, column } = cellAt(at, facts.panels[at.panel]);
    this.sound.play(((side === "x" ? column : row) + 0.5) * scale).then(
      ([from, to]) => this.figure.heard(from, to),
      (error) => this.figure.tooltip.say(trans.__("The recording cannot be played: %1", error)),
    );
  }

  choosing(panel: MapPanelView, box: Box | undefined): void {
    this.shown.choosing = box && { panel, box };
    this.figure.point();
  }

  leave(): void {
    this.figure.tooltip.hide();
  }

  #on(panel: MapPanelView, { x, y }: { x: number; y: number }): Cursor {
    const { viewport } = this.shown;
    const on = ([from, to]: readonly [number, number], share: number) => from + share * (to - from);
    return { x: on(viewport.x, x), y: on(viewport.y, y), panel: panel.drawn!.index };
  }

  #words(cursor: Cursor): string[] {
    const { facts, tiles, indices } = this.shown;
    return cellWords(facts, tiles, indices, cursor);
  }
}
