// Maps over two axes: what a mixer passes from frame to frame, weights over frames, filterbanks.
import { Field, Float32, Int32, List, Table, Utf8, vectorFromArray } from "apache-arrow";
import { base64, ipc } from "./arrow";
import { type Displayable, displaySymbol, type MimeBundle } from "./display";
import { heatmapSvg } from "./heatmapSvg";
import type { HeatmapOptions, MapPanel, MapValues } from "./map/options";
import { extent } from "./matrix";
import { short } from "./units";

export const mapMimeType = "application/vnd.bestrq.map.v1+arrow";

/** The same with every panel checked and flat. */
export interface Heatmap extends Omit<HeatmapOptions, "panels"> {
  readonly panels: readonly { name: string; values: Float32Array; rows: number; columns: number }[];
}

/**
 * A figure of one or more maps that share their axes and colours.
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
  const ready = options.panels.flatMap((panel) =>
    typeof panel.values === "function" ? [] : [flat(panel, panel.values)],
  );
  const bundle = (figure: Heatmap): MimeBundle => ({
    [mapMimeType]: base64(mapBytes(figure)),
    "image/svg+xml": heatmapSvg(figure, describeMap(figure)),
    "text/plain": describeMap(figure),
  });
  return {
    [displaySymbol]: () => {
      if (ready.length === options.panels.length) return bundle({ ...options, panels: ready });
      return (async () => {
        const panels: Heatmap["panels"][number][] = [];
        for (const panel of options.panels)
          panels.push(flat(panel, typeof panel.values === "function" ? await panel.values() : panel.values));
        return bundle({ ...options, panels });
      })();
    },
  };
}

function flat({ name, shape }: MapPanel, values: MapValues): Heatmap["panels"][number] {
  const nested = Array.isArray(values[0] ?? 0) ? (values as readonly (readonly number[])[]) : undefined;
  const [rows, columns] = nested ? [nested.length, nested[0].length] : (shape ?? []);
  const cells = nested ? nested.flat() : (values as ArrayLike<number>);
  if (!(rows > 0 && columns > 0 && cells.length === rows * columns && (shape?.length ?? 2) === 2)) {
    throw new RangeError(
      `Cannot draw the map "${name}": its values must fill the shape [rows, columns], ` +
        `got ${cells.length} values for [${[...(shape ?? [rows, columns])].join(", ")}]`,
    );
  }
  return { name, values: Float32Array.from(cells), rows, columns };
}

function mapBytes({ panels, title, x, y, colourLabel, diverging }: Heatmap): Uint8Array {
  const floats = new List(new Field("item", new Float32(), false));
  const table = new Table({
    name: vectorFromArray(
      panels.map(({ name }) => name),
      new Utf8(),
    ),
    rows: vectorFromArray(
      panels.map(({ rows }) => rows),
      new Int32(),
    ),
    columns: vectorFromArray(
      panels.map(({ columns }) => columns),
      new Int32(),
    ),
    values: vectorFromArray(
      panels.map(({ values }) => values),
      floats,
    ),
  });
  return ipc(table as Table, { title, x, y, colourLabel, diverging });
}

/** In a line: title, how many maps of which shape, and the range of their values. */
export function describeMap({ title, panels, x, y, colourLabel }: Heatmap): string {
  const shapes = [...new Set(panels.map(({ rows, columns }) => `${rows} × ${columns}`))].join(", ");
  const [low, high] = extent(panels).map(short);
  const count = panels.length === 1 ? "one map" : `${panels.length} maps`;
  return `${title}: ${count} of ${shapes} (${y.label} × ${x.label}), ${colourLabel} from ${low} to ${high}`;
}
