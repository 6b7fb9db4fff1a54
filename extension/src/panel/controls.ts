// Pause and resume, how much is seen, and saving.
import { duration } from "../../../kernel/src/figures/units";
import { trans } from "../translation";
import { button, element, setText } from "./elements";
import type { TimeWindow } from "./timeWindow";

const minutes = [1, 5, 15, 60];

export interface Actions {
  pauseOrResume(): void;
  zoom(factor: number): void;
  /** Follows with that much of the past (milliseconds). */
  follow(spanMs: number): void;
  save(kind: "csv" | "arrow" | "svg"): void;
}

export class Controls {
  readonly node = element("div", {
    className: "bestrq-panel-controls",
    attributes: { role: "toolbar", "aria-label": trans.__("Memory panel") },
  });

  constructor(act: Actions) {
    this.#pause = button(
      trans.__("Pause"),
      trans.__("Stops or follows the newest samples; they are recorded all the while"),
      () => act.pauseOrResume(),
    );
    this.#span.addEventListener("change", () => act.follow(Number(this.#span.value)));
    const save = (text: string, kind: "csv" | "arrow" | "svg", title: string) =>
      button(text, title, () => act.save(kind));
    this.node.append(
      this.#pause,
      this.#span,
      button("−", trans.__("Show more time"), () => act.zoom(2)),
      button("+", trans.__("Show less time"), () => act.zoom(0.5)),
      element(
        "span",
        { className: "bestrq-panel-save", attributes: { role: "group", "aria-label": trans.__("Save") } },
        trans.__("Save"),
        save("CSV", "csv", trans.__("Save all samples as CSV")),
        save("Arrow", "arrow", trans.__("Save all samples as Arrow, with what each series measures")),
        save("SVG", "svg", trans.__("Save what is seen as SVG")),
      ),
    );
  }

  update({ follows, spanMs }: TimeWindow, savable: boolean): void {
    setText(this.#pause, follows ? trans.__("Pause") : trans.__("Resume"));
    const spans = minutes.map((count) => count * 60_000);
    const offered = spans.includes(spanMs) ? spans : [...spans, spanMs];
    if (this.#offered !== offered.join()) {
      this.#offered = offered.join();
      this.#span.replaceChildren(
        ...offered.map((span) => element("option", { text: told(span), attributes: { value: String(span) } })),
      );
    }
    this.#span.value = String(spanMs);
    for (const node of this.node.querySelectorAll<HTMLButtonElement>(".bestrq-panel-save button")) {
      node.disabled = !savable;
    }
  }

  readonly #pause: HTMLButtonElement;
  readonly #span = element("select", {
    className: "jp-mod-styled",
    attributes: { "aria-label": trans.__("How much time is seen"), title: trans.__("How much time is seen") },
  });
  #offered = "";
}

function told(spanMs: number): string {
  const count = spanMs / 60_000;
  if (!Number.isInteger(count)) return duration(spanMs / 1000);
  return count === 60 ? trans.__("1 hour") : trans.__("%1 min", count);
}
