// From the base64 text of a MIME bundle to checked curves. Whatever is wrong becomes an Error that a reader understands.
import { base64Bytes, column, metadata, read, text } from "./decode";
import { trans } from "./translation";

interface Curve {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
}

export interface CurvesData {
  readonly title: string;
  /** What is on the horizontal axes. */
  readonly x: string;
  readonly facets: readonly {
    readonly label: string;
    readonly series: readonly Curve[];
    readonly references: readonly { readonly name: string; readonly y: number }[];
  }[];
}

const mostFacets = 24;

/** The curves of a bundle. @throws Error if they are none */
export function decodeCurves(bundle: unknown): CurvesData {
  const table = read(base64Bytes(bundle));
  const { title, x, facets } = metadata(table);
  if (!Array.isArray(facets) || facets.length > mostFacets)
    throw new Error(trans.__("its data does not say what its plots are"));
  const curves = facets.map((facet) => ({
    label: text(facet?.y?.label),
    references: list(facet?.references).map((one) => ({ name: text(one?.name), y: Number(one?.y) })),
    series: list(facet?.series).map((name): Curve => ({ name: text(name), x: [], y: [] })),
  }));
  const [places, names, xs, ys] = ["facet", "series", "x", "y"].map((name) => column(table, name));
  const byName = curves.map(({ series }) => new Map(series.map((one) => [one.name, one])));
  for (let row = 0; row < table.numRows; row++) {
    const curve = byName[Number(places.get(row))]?.get(text(names.get(row)));
    if (!curve) throw new Error(trans.__("its data has points of curves that it does not name"));
    curve.x.push(Number(xs.get(row)));
    curve.y.push(Number(ys.get(row)));
  }
  return { title: text(title), x: text((x as { label?: unknown } | undefined)?.label), facets: curves };
}

// biome-ignore lint/suspicious/noExplicitAny: what a file says is not known before it is checked
const list = (value: unknown): any[] => (Array.isArray(value) ? value : []);
