import { type Rule, shown } from "./rule";

/** What the maps of a model say of one layer: a row of `maps.statistics`. */
export interface MapRow {
  readonly layer: number;
  /** Which map; `influence` is comparable between mixers. */
  readonly head: string;
  /** 1 where all frames are treated alike, by all frames. */
  readonly overAggregation: number;
}

/** Rows of maps at a step. */
export interface SeenMaps {
  readonly step: number;
  readonly rows: readonly MapRow[];
}

const limit = 0.95;

/**
 * A mixer that treats all frames alike: the influence map of a layer has an over-aggregation above 0.95, once the warm-up
 * is over, twice in a row. Native maps are not looked at: those of HyperMixing and Fastformer come near 1 in healthy runs.
 */
export const overAggregation: Rule<{ before: number[] }, SeenMaps> = {
  name: "over-aggregation",
  begin: () => ({ before: [] }),
  see({ step, rows }, state, { optimizer }) {
    if (step < optimizer.warmup) return undefined;
    const over = rows.filter((row) => row.head === "influence" && row.overAggregation > limit);
    const again = over.filter(({ layer }) => state.before.includes(layer));
    state.before = over.map(({ layer }) => layer);
    if (again.length === 0) return undefined;
    const layers = again.map(({ layer, overAggregation }) => `${layer} (${shown(overAggregation)} of 1)`).join(", ");
    return `The mixer treats all frames alike in layer ${layers}`;
  },
};
