// Curves as a table: one row a point, what its axes are in the schema's metadata.
import { Dictionary, Float64, Int32, Table, Utf8, type Vector, vectorFromArray } from "apache-arrow";
import { factsIn, withFacts } from "./arrow";
import type { CurvesOptions, Facet, Series } from "./curves";

interface Curves {
  readonly title: string;
  readonly x: { readonly label: string };
  readonly facets: readonly Facet[];
}

/** Every point. */
export function* curvesRows(facets: readonly Facet[]): Generator<readonly unknown[]> {
  for (const { y, series } of facets) {
    for (const { name, x, y: values } of series) {
      for (let i = 0; i < x.length; i++) yield [y.label, name, x[i], values[i]];
    }
  }
}

/** Columns `facet` (counted from 0), `series`, `x` and `y`. */
export function curvesTable({ title, x, facets }: Curves): Table {
  const points = facets.flatMap(({ series }, facet) =>
    series.flatMap(({ name, x, y }) => Array.from({ length: x.length }, (_, i) => ({ facet, name, x: x[i], y: y[i] }))),
  );
  const columns: Record<string, Vector> = {
    facet: vectorFromArray(
      points.map(({ facet }) => facet),
      new Int32(),
    ),
    series: vectorFromArray(
      points.map(({ name }) => name),
      new Dictionary(new Utf8(), new Int32(), 0),
    ),
    x: vectorFromArray(
      points.map(({ x }) => x),
      new Float64(),
    ),
    y: vectorFromArray(
      points.map(({ y }) => y),
      new Float64(),
    ),
  };
  const told = facets.map(({ y, references = [], series }) => ({
    y,
    references,
    series: series.map(({ name }) => name),
  }));
  return withFacts(new Table(columns), { kind: "curves", title, x, facets: told });
}

/** What {@link curvesTable} was made of. */
export function curvesIn(table: Table): CurvesOptions {
  const { title, x, facets } = factsIn(table) as unknown as Curves;
  const column = (name: string) => table.getChild(name) as Vector;
  const [place, series, xs, ys] = ["facet", "series", "x", "y"].map(column);
  const found = facets.map(({ y, references, series: names }) => {
    const all = (names as unknown as string[]).map(
      (name) => [name, { name, x: [] as number[], y: [] as number[] }] as const,
    );
    return { y, references, series: new Map(all) };
  });
  for (let row = 0; row < table.numRows; row++) {
    const one = found[place.get(row) as number].series.get(series.get(row) as string);
    one?.x.push(xs.get(row) as number);
    one?.y.push(ys.get(row) as number);
  }
  return { title, x, facets: found.map((facet) => ({ ...facet, series: [...facet.series.values()] as Series[] })) };
}
