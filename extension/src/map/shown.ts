// What a map figure shows: its maps, the choices, the visible part, and what the reader points at.
import type { MapFacts, PanelFacts } from "../../../kernel/src/figures/map/facts";
import type { Box, PanelLayout } from "../../../kernel/src/figures/map/layout";
import { nameOf, shownAt } from "../../../kernel/src/figures/map/places";
import { colourRange, type Range } from "../../../kernel/src/figures/map/scale";
import type { Choices, Controls } from "./controls";
import type { MapData } from "./decode";
import type { MapPanelView, PanelDrawing } from "./panel";
import { Tiles } from "./tiles";
import { Viewport } from "./viewport";
import type { Cursor } from "./words";

const leastCells = 4;

export class Shown {
  readonly facts: MapFacts;
  readonly tiles: Tiles;
  readonly viewport: Viewport;
  /** Where the pointer is. */
  hovered: Cursor | undefined;
  /** Where the reader clicked, or went by keys. */
  picked: Cursor | undefined;
  /** The part that is being chosen. */
  choosing: { readonly panel: MapPanelView; readonly box: Box } | undefined;

  /** @param changed is called when more can be drawn @param failed when a tile cannot be read */
  constructor(
    readonly map: MapData,
    readonly controls: Controls,
    changed: () => void,
    failed: (error: unknown) => void,
  ) {
    const { facts } = map;
    this.facts = facts;
    const panels = facts.features ? [...facts.panels, facts.features] : facts.panels;
    this.tiles = new Tiles(panels, changed, failed);
    this.tiles.add(map.tiles.filter(({ panel }) => panel >= 0 && panel < panels.length));
    const most = (side: "rows" | "columns") => Math.max(...facts.panels.map((panel) => panel[side]));
    this.viewport = new Viewport({
      x: Math.min(1, leastCells / most("columns")),
      y: Math.min(1, leastCells / most("rows")),
    });
  }

  get choices(): Choices {
    return this.controls.choices;
  }

  /** The maps seen side by side. */
  get indices(): number[] {
    return shownAt(this.facts.panels, this.choices.chosen);
  }

  get panels(): PanelFacts[] {
    return this.indices.map((index) => this.facts.panels[index]);
  }

  /** The ends of a map's colours; or, with every cell, what they would be if no cell were beyond them. */
  range(index: number, every = this.choices.every): Range {
    const together = this.choices.sameColours ? this.panels : [this.facts.panels[index]];
    return colourRange(together, every, this.facts.diverging);
  }

  /** How a map is drawn in that place. */
  drawing(index: number, layout: PanelLayout): PanelDrawing {
    const panel = this.facts.panels[index];
    const { x, y, transcript, diverging, features, panels } = this.facts;
    const { tone, colours } = this.choices;
    const grey = { colours: "grey", tone: "linear", diverging: false } as const;
    return {
      index,
      marked: { name: nameOf(panel), rows: panel.rows, columns: panel.columns, x, y, transcript },
      layout,
      view: this.viewport.of(panel),
      colouring: { colours, tone, diverging, range: this.range(index) },
      whole: this.range(index, true),
      ...(features && {
        features: {
          index: panels.length,
          facts: features,
          colouring: { ...grey, range: colourRange([features], false, false) },
        },
      }),
    };
  }
}
