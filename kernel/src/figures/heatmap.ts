// Maps over two axes: what a mixer passes from frame to frame, weights over frames, filterbanks.
import { base64 } from "./arrow";
import { type Displayable, displaySymbol, type MimeBundle } from "./display";
import type { HeatmapOptions, MapPanel, MapValues } from "./map/options";
import { fitting, MapPacker, type PackedMap, tileBytes } from "./map/pack";
import { keepTiles } from "./map/server";
import { heatmapSvg } from "./map/svg";
import { short } from "./units";

export const mapMimeType = "application/vnd.bestrq.map.v2+arrow";

/** Characters that a figure may add to a notebook. */
const mostSaved = 1_000_000;

/**
 * A figure of one or more maps that share their axes. Panels with places (`at`) are shown one per mixer, side by side,
 * and layers, heads and checkpoints are stepped through. The notebook stores each map as finely as 1 MB for all of them
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
export function heatmap(options: HeatmapOptions): Displayable {
  if (options.panels.length === 0) throw new RangeError("Cannot draw a map: it needs at least one panel, got none");
  const packer = new MapPacker(options);
  // What is there is checked at once and what has to be computed when it is shown, one map at a time.
  const waiting = options.panels.slice();
  const packNext = (panel: MapPanel, values: MapValues) => {
    const { cells, rows, columns } = flat(panel, values);
    packer.add({ name: panel.name, ...(panel.at && { at: panel.at }), rows, columns }, cells);
  };
  while (waiting.length > 0 && typeof waiting[0].values !== "function") {
    const panel = waiting.shift()!;
    packNext(panel, panel.values as MapValues);
  }
  let shown: MimeBundle | Promise<MimeBundle> | undefined;
  const later = async () => {
    for (const panel of waiting) {
      packNext(panel, typeof panel.values === "function" ? await panel.values() : panel.values);
    }
    return bundle(packer.done());
  };
  return {
    [displaySymbol]: () => {
      shown ??= waiting.length === 0 ? bundle(packer.done()) : later();
      return shown;
    },
  };
}

function bundle(map: PackedMap): MimeBundle {
  const description = describeMap(map);
  const svg = heatmapSvg(map, description);
  const metadata = JSON.stringify(map.facts).length;
  const saved = fitting(map, (mostSaved - svg.length) * 0.75 - metadata - 20_000);
  const live = saved.length < map.tiles.length ? keepTiles(map) : undefined;
  return {
    [mapMimeType]: base64(tileBytes(saved, { ...map.facts, live })),
    "image/svg+xml": svg,
    "text/plain": description,
  };
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

/** In a line: title, how many maps of which shape, and the range of their values. */
function describeMap({ facts: { title, panels, x, y, colourLabel } }: PackedMap): string {
  const shapes = [...new Set(panels.map(({ rows, columns }) => `${rows} × ${columns}`))].join(", ");
  const low = Math.min(...panels.map(({ whole }) => whole[0]));
  const high = Math.max(...panels.map(({ whole }) => whole[1]));
  const count = panels.length === 1 ? "one map" : `${panels.length} maps`;
  return `${title}: ${count} of ${shapes} (${y.label} × ${x.label}), ${colourLabel} from ${short(low)} to ${short(high)}`;
}
