// The series, switched on and off by their boxes: each with its value, its peak, and what it measures.
import { bytes } from "../../../kernel/src/figures/units";
import { trans } from "../translation";
import { element, setText } from "./elements";
import { byGroup, groupTitle, type Look } from "./look";
import type { DeviceRecord, Series } from "./record";
import { highest } from "./thin";
import type { Range } from "./timeWindow";

interface Row {
  readonly box: HTMLInputElement;
  readonly sample: HTMLElement;
  readonly now: HTMLElement;
  readonly most: HTMLElement;
}

export class Legend {
  readonly node = element("div", {
    className: "bestrq-legend",
    attributes: { role: "group", "aria-label": trans.__("Series") },
  });

  /** @param switched called when a series is switched on or off */
  constructor(private readonly switched: (name: string, on: boolean) => void) {}

  /** Shows what there is at the end of `range`. */
  update(record: DeviceRecord, looks: ReadonlyMap<string, Look>, hidden: ReadonlySet<string>, range: Range): void {
    const key = JSON.stringify([[...record.series.values()].map(({ ring: _, ...facts }) => facts), record.notes]);
    if (key !== this.#key) this.#build(record);
    this.#key = key;
    for (const [name, { ring, limit }] of record.series) {
      const { box, sample, now, most } = this.#rows.get(name)!;
      const { colour, dash } = looks.get(name)!;
      box.checked = !hidden.has(name);
      sample.style.borderTop = `3px ${dash === "solid" ? "solid" : dash.startsWith("1px") ? "dotted" : "dashed"} ${colour}`;
      const last = Math.min(ring.firstFrom(range[1] + 1), ring.length) - 1;
      const peak = highest(ring, range);
      setText(now, last < 0 ? "–" : bytes(ring.value(last)));
      const of = limit ? trans.__(" of %1", bytes(limit)) : "";
      setText(most, peak === undefined ? of : `${trans.__("at most %1", bytes(peak))}${of}`);
    }
  }

  #build({ series, notes }: DeviceRecord): void {
    this.#rows.clear();
    const groups = byGroup(series.values()).map(([group, members]) =>
      element(
        "fieldset",
        {},
        element("legend", { text: groupTitle(group) }),
        ...members.map((member) => this.#row(member)),
      ),
    );
    const told = notes.map((note) => element("p", { className: "bestrq-legend-note", text: note }));
    this.node.replaceChildren(...groups, ...told);
  }

  #row({ name, label, what, resolution }: Series): HTMLElement {
    const box = element("input", { attributes: { type: "checkbox" } });
    box.addEventListener("change", () => this.switched(name, box.checked));
    const sample = element("span", { className: "bestrq-legend-sample", attributes: { "aria-hidden": "true" } });
    const now = element("span", { className: "bestrq-legend-now" });
    const most = element("span", { className: "bestrq-legend-most" });
    this.#rows.set(name, { box, sample, now, most });
    const about = element("p", { className: "bestrq-legend-about" });
    about.append(...[what, resolution].filter(Boolean).map((text) => element("span", { text })));
    return element(
      "div",
      { className: "bestrq-legend-row", attributes: { "data-series": name } },
      element("label", {}, box, sample, element("span", { className: "bestrq-legend-label", text: label }), now),
      most,
      element(
        "details",
        {},
        element("summary", { text: trans.__("About"), attributes: { title: trans.__("What is measured") } }),
        about,
      ),
    );
  }

  readonly #rows = new Map<string, Row>();
  #key = "";
}
