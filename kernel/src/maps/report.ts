import type { BestRq, MixerName } from "../bestrq";
import {
  curves,
  type Displayable,
  type Drawable,
  displaySymbol,
  type Figure,
  type MimeBundle,
  table,
} from "../figures";
import { type InfluenceOptions, measure, progressOf } from "./influence";
import type { InputOptions, MapInput } from "./input";
import { allLayers, mixerMaps } from "./mixerMap";
import { type MapNumbers, numbersOf, overAggregates } from "./statistics";

/** What {@link statistics} measures. */
export interface StatisticsOptions extends InputOptions {
  /** Counted from 0 (default: all). */
  readonly layers?: readonly number[];
  /** Measure influence, too, which is comparable between mixers; `true`, or how (default false). */
  readonly influence?: boolean | Omit<InfluenceOptions, keyof InputOptions | "layer">;
}

/** The numbers of one map. */
export interface StatisticsRow extends MapNumbers {
  readonly mixer: MixerName;
  readonly layer: number;
  /** Which head's native map; `influence` is of all heads together. */
  readonly head: string;
}

/** The numbers of all maps of a model, or of several: a table, and under it a warning for each that over-aggregates. */
export class Statistics implements Displayable, Drawable {
  constructor(readonly rows: readonly StatisticsRow[]) {}

  /** A line for each map that treats all frames alike. */
  get warnings(): string[] {
    return this.rows
      .filter(({ overAggregation }) => overAggregation >= overAggregates)
      .map(
        ({ mixer, layer, head, overAggregation }) =>
          `${mixer}, layer ${layer}, ${head}: over-aggregation ${overAggregation.toFixed(2)} of 1, ` +
          "it treats all frames alike",
      );
  }

  /**
   * The numbers over the layers: of one model, a curve a head; of several, a curve a mixer, which is its influence where
   * that was measured, else the mean of its heads.
   */
  get curves(): Figure {
    const quantities = [
      ["meanDistance", "mean distance (s)"],
      ["locality", "share within 0.2 s"],
      ["entropy", "entropy"],
      ["overAggregation", "over-aggregation"],
    ] as const;
    const mixers = [...new Set(this.rows.map(({ mixer }) => mixer))];
    const measured = this.rows.filter(({ head }) => head === "influence");
    const compared = measured.length > 0 ? measured : this.rows;
    const series =
      mixers.length === 1 ? grouped(this.rows, ({ head }) => head) : grouped(compared, ({ mixer }) => mixer);
    return curves({
      title: `What the maps of ${mixers.join(", ")} say in numbers`,
      x: { label: "layer" },
      facets: quantities.map(([key, label]) => ({
        y: { label },
        series: series.map(([name, rows]) => {
          const layers = grouped(rows, ({ layer }) => String(layer));
          return {
            name,
            x: layers.map(([layer]) => Number(layer)),
            y: layers.map(([, each]) => each.reduce((sum, row) => sum + row[key], 0) / each.length),
          };
        }),
      })),
    });
  }

  figure(): Figure {
    const digits = (count: number) => (value: unknown) => Number(value).toFixed(count);
    return table(this.rows, {
      columns: [
        ...["mixer", "layer", "head"],
        { key: "meanDistance", label: "mean distance (s)", format: digits(3) },
        { key: "locality", label: "share within 0.2 s", format: digits(2) },
        { key: "entropy", format: digits(2) },
        { key: "similarity", label: "rows alike", format: digits(2) },
        { key: "overAggregation", label: "over-aggregation", format: digits(2) },
      ],
    });
  }

  [displaySymbol](): MimeBundle {
    const shown = this.figure()[displaySymbol]() as MimeBundle;
    const notes = this.warnings.map((warning) => `Warning: ${warning}`);
    return {
      ...shown,
      "text/markdown": [shown["text/markdown"], ...notes].join("\n\n"),
      "text/plain": [shown["text/plain"], ...notes].join("\n"),
    };
  }
}

/**
 * What the maps of all layers and heads say in numbers: how far a frame hears, how much of it lies nearby, how evenly it
 * is spread, and whether the mixer over-aggregates, that is, treats all frames alike.
 *
 * @throws RangeError where a model has no such layer
 * @example
 * const model = new BestRq({ mixer: "mhsa", size: "tiny" });
 * const report = await maps.statistics(model, new Random(1).normal([44, 80], 0, 1) as tf.Tensor2D);
 * report.rows.length; // 8
 * report
 */
export async function statistics(
  models: BestRq | readonly BestRq[],
  input: MapInput,
  options: StatisticsOptions = {},
): Promise<Statistics> {
  const rows: StatisticsRow[] = [];
  const all = [models].flat() as BestRq[];
  const chosen = all.map((model) => options.layers ?? allLayers(model));
  const progress = progressOf(chosen.flat().length);
  let measured = 0;
  for (const [index, model] of all.entries()) {
    const { mixer } = model.config;
    const layers = chosen[index];
    for (const { layer, panels, frameSeconds } of await mixerMaps(model, input, { ...options, layers })) {
      for (const { name: head, shape, values } of panels) {
        rows.push({ mixer, layer, head, ...numbersOf(await values(), shape[0], frameSeconds) });
      }
      if (!options.influence) continue;
      const how = options.influence === true ? {} : options.influence;
      const map = await measure(model, input, { ...options, ...how, layer }, progress(measured++));
      const [panel] = map.panels;
      rows.push({ mixer, layer, head: "influence", ...numbersOf(await panel.values(), panel.shape[0], frameSeconds) });
    }
  }
  return new Statistics(rows);
}

function grouped<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups];
}
