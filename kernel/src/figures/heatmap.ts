// Maps over two axes: what a mixer passes from frame to frame, weights over frames, filterbanks.
import type { Figure } from "./figure";
import { exactRows, mapFigure } from "./map/figure";
import type { HeatmapOptions, MapPanel, MapValues } from "./map/options";
import { MapPacker, type PackedMap } from "./map/pack";
import { packSound } from "./map/sound";

/**
 * A figure of one or more maps that share their axes. Panels with places (`at`) are shown one per mixer, side by side,
 * and layers, heads and checkpoints are stepped through. The notebook stores each map as finely as 750 kB for all of them
 * allows; while the kernel runs, zooming in shows every cell.
 *
 * @throws RangeError if there is no panel or a panel's values do not fill its shape
 * @example
 * figures.heatmap({
 *   title: "Attention of layer 3",
 *   panels: [
 *     { name: "head 1", values: [[0.9, 0.1], [0.4, 0.6]] },
 *     { name: "head 2", values: Float32Array.of(0.5, 0.5, 0.3, 0.7), shape: [2, 2] },
 *   ],
 *   x: { label: "key", unit: "frame", scale: 0.04 },
 *   y: { label: "query", unit: "frame", scale: 0.04 },
 *   colourLabel: "attention weight",
 * })
 */
export function heatmap(options: HeatmapOptions): Figure {
  if (options.panels.length === 0) throw new RangeError("Cannot draw a map: it needs at least one panel, got none");
  const packer = new MapPacker(options);
  const take = (panel: MapPanel, values: MapValues): void => {
    const { cells, rows, columns } = flat(panel, values);
    packer.add({ name: panel.name, ...(panel.at && { at: panel.at }), rows, columns }, cells);
  };
  // What is there is taken at once; from the first map that has to be computed on, when the figure is shown.
  const waiting = options.panels.slice();
  while (waiting.length > 0 && typeof waiting[0].values !== "function") {
    const panel = waiting.shift() as MapPanel & { values: MapValues };
    take(panel, panel.values);
  }
  const { audio } = options.along ?? {};
  const computed = async (): Promise<PackedMap> => {
    for (const panel of waiting) take(panel, typeof panel.values === "function" ? await panel.values() : panel.values);
    return packer.done(audio && (await packSound(audio)));
  };
  let packed: PackedMap | Promise<PackedMap> | undefined;
  const exact = options.panels.flatMap((panel) =>
    typeof panel.values === "function" ? [] : [{ ...panel, ...flat(panel, panel.values) }],
  );
  const figure = mapFigure(options, options.facts, () => {
    packed ??= waiting.length === 0 && !audio ? packer.done() : computed();
    return packed;
  });
  return exact.length < options.panels.length ? figure : { ...figure, rows: () => exactRows(exact) };
}

function flat(
  { name, shape }: MapPanel,
  values: MapValues,
): { cells: ArrayLike<number>; rows: number; columns: number } {
  const nested = Array.isArray(values[0] ?? 0) ? (values as readonly (readonly number[])[]) : undefined;
  const [rows, columns] = nested ? [nested.length, nested[0].length] : (shape ?? []);
  const cells = nested ? nested.flat() : (values as ArrayLike<number>);
  if (!(rows > 0 && columns > 0 && cells.length === rows * columns && (shape?.length ?? 2) === 2)) {
    throw new RangeError(
      `Cannot draw the map "${name}": its values must fill the shape [rows, columns], ` +
        `got ${cells.length} values for [${[...(shape ?? [rows, columns])].join(", ")}]`,
    );
  }
  return { cells, rows, columns };
}
