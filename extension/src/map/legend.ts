// The colour bar of maps that share their colours.
import { barMarks } from "../../../kernel/src/figures/map/marks";
import { colourTicks, type Range } from "../../../kernel/src/figures/map/scale";
import { short } from "../../../kernel/src/figures/units";
import type { Theme } from "../theme";
import { trans } from "../translation";
import { toneName } from "./controls";
import { cleared, drawBar, drawMark } from "./panel";
import type { Colouring } from "./tiles";

const box = { x: 4, y: 2, width: 240, height: 9 };

export class Legend {
  readonly node = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #words = document.createElement("span");

  constructor() {
    this.node.className = "bestrq-map-legend";
    this.#canvas.setAttribute("role", "img");
    this.node.append(this.#canvas, this.#words);
  }

  /** @param colouring of all maps together; without, each map has its own bar */
  draw(label: string, colouring: Colouring | undefined, whole: Range, theme: Theme): void {
    this.#canvas.hidden = !colouring;
    if (!colouring) {
      this.#words.textContent = trans.__("%1 · each map has its own colour scale", label);
      return;
    }
    const { range, tone, diverging } = colouring;
    this.#words.textContent = label;
    const { context } = cleared(this.#canvas, { width: box.width + 10, height: 26 });
    drawBar(context, box, colouring);
    for (const mark of barMarks(box, range, whole, tone, diverging)) drawMark(context, mark, theme);
    // The logarithm begins above zero.
    const [low, high] = colourTicks(range, tone, diverging, 1).map(({ value }) => short(value));
    const told = trans.__("%1: colours from %2 to %3, %4 scale", label, low, high, toneName(tone));
    this.#canvas.setAttribute("aria-label", told);
  }
}
