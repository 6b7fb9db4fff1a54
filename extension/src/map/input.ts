// Pointer and keys on a map.

import type { Box } from "../../../kernel/src/figures/map/layout";
import type { Dimension } from "../../../kernel/src/figures/map/places";
import type { MapPanelView } from "./panel";

/** What pointer and keys can do to a figure. Points are shares of the visible part of a map. */
export interface Handled {
  zoom(factor: number, x?: number, y?: number): void;
  pan(x: number, y: number): void;
  part(x: readonly [number, number], y: readonly [number, number]): void;
  whole(): void;
  /** The pointer is over a point, or has left. */
  hover(panel: MapPanelView, at: { x: number; y: number } | undefined, pointer: MouseEvent): void;
  /** A point was clicked; `left`: beside the map, where the rows are told. */
  pick(panel: MapPanelView, at: { x: number; y: number }, left: boolean): void;
  /** Moves the cursor by cells. */
  move(panel: MapPanelView, columns: number, rows: number): void;
  step(dimension: Dimension, by: number): void;
  curve(side: "row" | "column"): void;
  hear(rows: boolean): void;
  /** The part of the map that is being chosen. */
  choosing(panel: MapPanelView, box: Box | undefined): void;
  leave(): void;
}

const clickPixels = 4;

export function listen(panel: MapPanelView, handled: Handled): void {
  listenToPointer(panel, handled);
  panel.surface.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || !pressed(event, panel, handled)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  panel.surface.addEventListener("blur", () => handled.leave());
}

function listenToPointer(panel: MapPanelView, handled: Handled): void {
  const { surface } = panel;
  let from: PointerEvent | undefined;
  let last: PointerEvent | undefined;
  let dragged = false;

  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !panel.at(event)) return;
    from = last = event;
    dragged = false;
    surface.setPointerCapture(event.pointerId);
    surface.focus({ preventScroll: true });
  });
  surface.addEventListener("pointermove", (event) => {
    const at = panel.at(event);
    if (!at) return;
    if (!from || !last) return handled.hover(panel, at.inside ? at : undefined, event);
    dragged ||= Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > clickPixels;
    if (!dragged) return;
    const before = panel.at(last)!;
    if (from.shiftKey) handled.choosing(panel, boxOf(panel, from, event));
    else handled.pan(before.x - at.x, before.y - at.y);
    last = event;
  });
  surface.addEventListener("pointerup", (event) => {
    if (!from) return;
    const [start, end] = [panel.at(from)!, panel.at(event)!];
    handled.choosing(panel, undefined);
    if (!dragged) handled.pick(panel, end, end.left);
    else if (from.shiftKey) handled.part([start.x, end.x], [start.y, end.y]);
    from = last = undefined;
  });
  surface.addEventListener("pointercancel", () => {
    from = last = undefined;
    handled.choosing(panel, undefined);
  });
  surface.addEventListener("pointerleave", (event) => {
    if (!from) handled.hover(panel, undefined, event);
  });
  surface.addEventListener("dblclick", () => handled.whole());
  // The wheel alone scrolls the page.
  surface.addEventListener(
    "wheel",
    (event) => {
      const at = panel.at(event);
      if (!at || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      handled.zoom(Math.exp((-event.deltaY * lines) / 240), at.x, at.y);
    },
    { passive: false },
  );
}

function boxOf(panel: MapPanelView, from: PointerEvent, to: PointerEvent): Box {
  const bounds = panel.surface.getBoundingClientRect();
  const x = Math.min(from.clientX, to.clientX) - bounds.left;
  const y = Math.min(from.clientY, to.clientY) - bounds.top;
  return { x, y, width: Math.abs(to.clientX - from.clientX), height: Math.abs(to.clientY - from.clientY) };
}

/** @returns whether the key means something here */
function pressed(event: KeyboardEvent, panel: MapPanelView, handled: Handled): boolean {
  const upwards = panel.drawn?.marked.y.upwards ? -1 : 1;
  const arrows: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -upwards],
    ArrowDown: [0, upwards],
  };
  const arrow = arrows[event.key];
  if (arrow) {
    const by = event.shiftKey ? 10 : 1;
    if (event.altKey) handled.pan(arrow[0] / 10, arrow[1] / 10);
    else handled.move(panel, arrow[0] * by, arrow[1] * by);
    return true;
  }
  const keys: Record<string, () => void> = {
    "+": () => handled.zoom(1.5),
    "=": () => handled.zoom(1.5),
    "-": () => handled.zoom(1 / 1.5),
    "0": () => handled.whole(),
    PageUp: () => handled.step("layer", 1),
    PageDown: () => handled.step("layer", -1),
    "]": () => handled.step("head", 1),
    "[": () => handled.step("head", -1),
    ">": () => handled.step("checkpoint", 1),
    "<": () => handled.step("checkpoint", -1),
    ".": () => handled.step("map", 1),
    ",": () => handled.step("map", -1),
    r: () => handled.curve("row"),
    c: () => handled.curve("column"),
    Enter: () => handled.hear(event.shiftKey),
    " ": () => handled.hear(event.shiftKey),
    Escape: () => handled.leave(),
  };
  keys[event.key]?.();
  return event.key in keys;
}
