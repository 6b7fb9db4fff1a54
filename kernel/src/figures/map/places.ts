// Which maps of a figure are seen at a time, and what is stepped through. Also used by the extension.
import type { MapPlace } from "./terms";

interface Placed {
  readonly name: string;
  readonly at?: MapPlace;
}

export type Dimension = "map" | "layer" | "head" | "checkpoint";

/** What a reader steps through, with a word for each step. */
export interface Steps {
  readonly dimension: Dimension;
  readonly steps: readonly string[];
}

/** Index of the step chosen in each dimension; 0 where none is. */
export type Chosen = Partial<Record<Dimension, number>>;

const mostSideBySide = 6;

const placed = (panels: readonly Placed[]): boolean => panels.every(({ at }) => at !== undefined);

/** What a step is called. */
export type Naming = Record<"checkpoint" | "layer" | "head", (number: string) => string>;

const english: Naming = {
  checkpoint: (step) => `step ${step}`,
  layer: (layer) => `layer ${layer}`,
  head: (head) => `head ${head}`,
};

/** The dimensions that have more than one step. */
export function stepsOf(panels: readonly Placed[], naming: Naming = english): Steps[] {
  if (!placed(panels)) {
    return panels.length > mostSideBySide ? [{ dimension: "map", steps: panels.map(({ name }) => name) }] : [];
  }
  const heads = Math.max(...mixersOf(panels).map((mixer) => headsOf(panels, mixer).length));
  const all = {
    checkpoint: numbers(panels, "checkpoint").map((step) => step.toLocaleString("en")),
    layer: numbers(panels, "layer").map(String),
    head: Array.from({ length: heads }, (_, head) => String(head + 1)),
  };
  return (["checkpoint", "layer", "head"] as const)
    .map((dimension) => ({ dimension, steps: all[dimension].map(naming[dimension]) }))
    .filter(({ steps }) => steps.length > 1);
}

/** The maps seen side by side: one per mixer, at the chosen steps or the nearest that the mixer has. */
export function shownAt(panels: readonly Placed[], chosen: Chosen): number[] {
  if (!placed(panels)) return panels.length > mostSideBySide ? [chosen.map ?? 0] : panels.map((_, index) => index);
  const layer = numbers(panels, "layer")[chosen.layer ?? 0];
  const checkpoint = numbers(panels, "checkpoint")[chosen.checkpoint ?? 0];
  return mixersOf(panels).map((mixer) => {
    const heads = headsOf(panels, mixer);
    const head = heads[Math.min(chosen.head ?? 0, heads.length - 1)];
    const misses = ({ at }: Placed): number =>
      away(at?.checkpoint, checkpoint) * 1e6 + away(at?.layer, layer) * 1e3 + (at?.head === head ? 0 : 1);
    const own = panels.flatMap((panel, index) => (panel.at?.mixer === mixer ? [index] : []));
    return own.reduce((best, index) => (misses(panels[index]) < misses(panels[best]) ? index : best));
  });
}

/** What a map is called among those beside it. */
export function nameOf({ name, at }: Placed): string {
  return at ? [at.mixer, at.head].filter(Boolean).join(" · ") || name : name;
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
const mixersOf = (panels: readonly Placed[]) => unique(panels.map(({ at }) => at?.mixer));
const headsOf = (panels: readonly Placed[], mixer: string | undefined) =>
  unique(panels.filter(({ at }) => at?.mixer === mixer).map(({ at }) => at?.head));
const numbers = (panels: readonly Placed[], key: "layer" | "checkpoint"): number[] =>
  unique(panels.map(({ at }) => at?.[key] ?? 0)).sort((a, b) => a - b);
const away = (own: number | undefined, wanted: number): number => Math.abs((own ?? wanted) - wanted);
