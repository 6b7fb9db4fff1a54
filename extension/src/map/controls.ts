// What a reader sets: which maps are seen, how numbers become colours, what is drawn below.
import { type MapColours, mapColoursFor } from "../../../kernel/src/figures/colours";
import type { MapFacts } from "../../../kernel/src/figures/map/facts";
import { type Chosen, type Dimension, type Naming, type Steps, stepsOf } from "../../../kernel/src/figures/map/places";
import type { Tone } from "../../../kernel/src/figures/map/scale";
import { settings } from "../settings";
import { trans } from "../translation";

export interface Choices {
  chosen: Chosen;
  tone: Tone;
  colours: MapColours;
  /** Colours reach to the last cell; else the outermost cells share those of the ends. */
  every: boolean;
  sameColours: boolean;
  curve: "none" | "row" | "column";
}

export interface Actions {
  /** Something was chosen. */
  changed(): void;
  zoom(factor: number): void;
  whole(): void;
  hear(): void;
}

export class Controls {
  readonly choices: Choices;
  readonly #steps: readonly Steps[];
  readonly #sliders = new Map<Dimension, { slider: HTMLInputElement; output: HTMLOutputElement }>();
  readonly #curve: HTMLSelectElement;

  constructor(
    node: HTMLElement,
    private readonly facts: MapFacts,
    private readonly actions: Actions,
  ) {
    const colours = mapColoursFor(facts.diverging);
    const preferred = colours.find((name) => settings().colourScale.toLowerCase().startsWith(name)) ?? colours[0];
    this.choices = {
      chosen: {},
      tone: facts.tone,
      colours: preferred,
      every: false,
      sameColours: facts.sameColours,
      curve: "none",
    };
    this.#steps = stepsOf(facts.panels, naming);
    this.#curve = this.#select("curve", [
      ["none", trans.__("none")],
      ["row", trans.__("row")],
      ["column", trans.__("column")],
    ]);
    node.replaceChildren(
      ...this.#steps.map((steps) => this.#stepper(steps)),
      group(trans.__("colours"), this.#tones(), this.#colourMaps(colours), ...this.#ranges()),
      group(trans.__("curve"), this.#curve),
      this.#buttons(),
      help(facts.audio !== undefined),
    );
  }

  /** Goes `by` steps on in a dimension, if the figure has it. @returns the name of the step */
  step(dimension: Dimension, by: number): string | undefined {
    const found = this.#steps.find((steps) => steps.dimension === dimension);
    if (!found) return undefined;
    const now = this.choices.chosen[dimension] ?? 0;
    return this.#choose(found, Math.max(0, Math.min(found.steps.length - 1, now + by)));
  }

  /** Shows the curve of a row or a column; of no side in particular, of a row unless one is shown. */
  showCurve(side?: "row" | "column"): void {
    if (!side && this.choices.curve !== "none") return;
    this.choices.curve = side ?? "row";
    this.#curve.value = this.choices.curve;
  }

  /** What is chosen, in words. */
  get told(): string {
    return this.#steps.map(({ dimension, steps }) => steps[this.choices.chosen[dimension] ?? 0]).join(", ");
  }

  #choose({ dimension, steps }: Steps, index: number): string {
    this.choices.chosen = { ...this.choices.chosen, [dimension]: index };
    const { slider, output } = this.#sliders.get(dimension)!;
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", steps[index]);
    output.textContent = steps[index];
    this.actions.changed();
    return steps[index];
  }

  #stepper(found: Steps): HTMLElement {
    const { dimension, steps } = found;
    const slider = owned(document.createElement("input"));
    slider.type = "range";
    slider.max = String(steps.length - 1);
    slider.value = "0";
    slider.setAttribute("aria-label", named[dimension]());
    slider.setAttribute("aria-valuetext", steps[0]);
    slider.addEventListener("input", () => this.#choose(found, slider.valueAsNumber));
    const output = document.createElement("output");
    output.textContent = steps[0];
    this.#sliders.set(dimension, { slider, output });
    const label = document.createElement("label");
    label.append(slider, output);
    return label;
  }

  #tones(): HTMLElement {
    const possible = this.facts.diverging || this.facts.panels.every(({ whole }) => whole[0] >= 0);
    const tones: Tone[] = possible ? ["linear", "square root", "logarithm"] : ["linear", "square root"];
    return this.#select(
      "tone",
      tones.map((tone) => [tone, toneName(tone)]),
    );
  }

  #colourMaps(colours: readonly MapColours[]): HTMLElement {
    return this.#select(
      "colours",
      colours.map((name) => [name, colourNames[name]()]),
    );
  }

  #ranges(): HTMLElement[] {
    const boxes = [this.#box("every", trans.__("to the last cell"))];
    if (this.facts.panels.length > 1) boxes.push(this.#box("sameColours", trans.__("same colours in all maps")));
    return boxes;
  }

  #select<Key extends "tone" | "colours" | "curve">(
    key: Key,
    options: readonly (readonly [value: Choices[Key], text: string])[],
  ): HTMLSelectElement {
    const select = owned(document.createElement("select"));
    select.setAttribute("aria-label", named[key]());
    for (const [value, text] of options) select.add(new Option(text, value));
    select.value = this.choices[key];
    select.addEventListener("change", () => {
      this.choices[key] = select.value as Choices[Key];
      this.actions.changed();
    });
    return select;
  }

  #box(key: "every" | "sameColours", text: string): HTMLLabelElement {
    const box = owned(document.createElement("input"));
    box.type = "checkbox";
    box.checked = this.choices[key];
    box.addEventListener("input", () => {
      this.choices[key] = box.checked;
      this.actions.changed();
    });
    const label = document.createElement("label");
    label.append(box, text);
    return label;
  }

  #buttons(): HTMLElement {
    const { zoom, whole, hear } = this.actions;
    const buttons: [string, string, () => void][] = [
      ["+", trans.__("zoom in"), () => zoom(2)],
      ["−", trans.__("zoom out"), () => zoom(0.5)],
      ["⤢", trans.__("show the whole map"), whole],
    ];
    if (this.facts.audio) buttons.push(["♪", trans.__("hear the half-second at the cursor"), hear]);
    const bar = document.createElement("span");
    bar.className = "bestrq-map-buttons";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", trans.__("view"));
    for (const [sign, name, press] of buttons) {
      const button = owned(document.createElement("button"));
      button.type = "button";
      button.textContent = sign;
      button.title = name;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", press);
      bar.append(button);
    }
    return bar;
  }
}

const naming: Naming = {
  checkpoint: (step) => trans.__("step %1", step),
  layer: (layer) => trans.__("layer %1", layer),
  head: (head) => trans.__("head %1", head),
};

/** How numbers become colours, in a word. */
export function toneName(tone: Tone): string {
  return { linear: trans.__("linear"), "square root": trans.__("square root"), logarithm: trans.__("logarithm") }[tone];
}

const colourNames: Record<MapColours, () => string> = {
  viridis: () => trans.__("viridis"),
  cividis: () => trans.__("cividis"),
  grey: () => trans.__("grey"),
  "blue to red": () => trans.__("blue to red"),
  "orange to purple": () => trans.__("orange to purple"),
};

const named: Record<Dimension | "tone" | "colours" | "curve", () => string> = {
  map: () => trans.__("which map"),
  layer: () => trans.__("layer"),
  head: () => trans.__("head"),
  checkpoint: () => trans.__("training checkpoint"),
  tone: () => trans.__("how numbers become colours"),
  colours: () => trans.__("colours"),
  curve: () => trans.__("show a row or a column as a curve"),
};

/** A control whose keys are its own: without this, arrows would select other cells of the notebook. */
function owned<Control extends HTMLElement>(control: Control): Control {
  control.dataset.lmSuppressShortcuts = "true";
  return control;
}

function group(name: string, ...parts: HTMLElement[]): HTMLElement {
  const node = document.createElement("span");
  node.className = "bestrq-map-group";
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", name);
  node.append(name, ...parts);
  return node;
}

function help(audio: boolean): HTMLElement {
  const node = document.createElement("details");
  node.className = "bestrq-map-help";
  const summary = owned(document.createElement("summary"));
  summary.textContent = trans.__("keys");
  const list = document.createElement("dl");
  for (const [keys, what] of keysAndActions(audio)) {
    const term = document.createElement("dt");
    term.textContent = keys;
    const action = document.createElement("dd");
    action.textContent = what;
    list.append(term, action);
  }
  node.append(summary, list);
  return node;
}

/** What the keys do while a map has the focus. */
const keysAndActions = (audio: boolean): [string, string][] => [
  [trans.__("arrows, with Shift by ten"), trans.__("move the cursor")],
  [trans.__("+ − 0, Ctrl + wheel, Shift + drag"), trans.__("zoom in, out, whole map; to a part")],
  [trans.__("drag, Alt + arrows"), trans.__("move the map")],
  [trans.__("Page Up, Page Down"), trans.__("next, previous layer")],
  ["[  ]", trans.__("previous, next head")],
  ["<  >", trans.__("previous, next checkpoint")],
  [trans.__("r, c, click"), trans.__("show the row, the column as a curve")],
  ...(audio
    ? ([[trans.__("Enter, click"), trans.__("hear the half-second around the frame")]] as [string, string][])
    : []),
];
