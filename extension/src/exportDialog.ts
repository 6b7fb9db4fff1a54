// Asks in which format and how large a figure is to be saved.
import { Dialog, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import type { Page } from "./printing";
import { settings } from "./settings";
import { trans } from "./translation";

/** What the user chose. */
export interface Wanted extends Page {
  readonly kind: string;
}

/** Asks; undefined where the user thinks better of it. */
export async function askHow(kinds: readonly string[]): Promise<Wanted | undefined> {
  const body = new Choice(kinds);
  const buttons = [Dialog.cancelButton(), Dialog.okButton({ label: trans.__("Save") })];
  const { value, button } = await showDialog({ title: trans.__("Export figure"), body, buttons });
  return button.accept && value ? value : undefined;
}

class Choice extends Widget implements Dialog.IBodyWidget<Wanted> {
  constructor(kinds: readonly string[]) {
    super();
    this.addClass("bestrq-export");
    for (const kind of kinds) this.#kind.append(new Option(kind.toUpperCase(), kind));
    const width = this.#labelled(trans.__("Width (mm)"), this.#width, {
      min: 30,
      max: 2000,
      value: settings().paperWidth,
    });
    const dpi = this.#labelled(trans.__("Dots per inch"), this.#dpi, {
      min: 36,
      max: 1200,
      value: settings().paperDpi,
    });
    const fit = () => {
      width.hidden = !["svg", "pdf", "png"].includes(this.#kind.value);
      dpi.hidden = this.#kind.value !== "png";
    };
    this.#kind.addEventListener("change", fit);
    this.node.append(this.#labelled(trans.__("Format"), this.#kind), width, dpi);
    fit();
  }

  getValue(): Wanted {
    const number = (input: HTMLInputElement) =>
      Math.min(Number(input.max), Math.max(Number(input.min), Number(input.value)));
    return { kind: this.#kind.value, widthMm: number(this.#width), dpi: number(this.#dpi) };
  }

  #labelled(text: string, field: HTMLElement, number?: { min: number; max: number; value: number }): HTMLLabelElement {
    const label = document.createElement("label");
    label.append(text, field);
    if (number) {
      const { min, max, value } = number;
      Object.assign(field, { type: "number", min, max, value });
    }
    return label;
  }

  readonly #kind = document.createElement("select");
  readonly #width = document.createElement("input");
  readonly #dpi = document.createElement("input");
}
