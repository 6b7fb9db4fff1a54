// Curves over steps, such as the loss beside the masked accuracy: one facet each, the same colours in all of them.
import { Dictionary, Float64, Int32, Table, Utf8, type Vector, vectorFromArray } from "apache-arrow";
import { withFacts } from "./arrow";
import { curvesSvg } from "./curvesSvg";
import { displaySymbol } from "./display";
import type { Facts, Figure } from "./figure";
import { short } from "./units";

/** One curve. A series keeps its colour in every facet; the five mixers have colours of their own. */
export interface Series {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** One plot of the figure. */
export interface Facet {
  /** The quantity on the vertical axis. */
  readonly y: { readonly label: string };
  readonly series: readonly Series[];
  /** Values to compare with, such as chance, as dashed lines. */
  readonly references?: readonly { readonly name: string; readonly y: number }[];
}

/** Several facets side by side, or one written directly. */
export type CurvesOptions = {
  readonly title: string;
  /** The quantity on the horizontal axis of every facet. */
  readonly x: { readonly label: string };
  readonly facts?: Facts;
} & (Facet | { readonly facets: readonly Facet[] });

/**
 * A figure of curves, made to be shown again and again while they grow: `handle.update(curves(...))`.
 *
 * @throws RangeError if a series has not as many x as y
 * @example
 * figures.curves({
 *   title: "Pre-training",
 *   x: { label: "step" },
 *   facets: [
 *     { y: { label: "loss" }, series: [{ name: "mhsa", x: [1, 2, 3], y: [5.6, 5.1, 4.9] }] },
 *     {
 *       y: { label: "masked accuracy" },
 *       series: [{ name: "mhsa", x: [1, 2, 3], y: [0, 0.03, 0.05] }],
 *       references: [{ name: "chance", y: 1 / 256 }],
 *     },
 *   ],
 * })
 */
export function curves(options: CurvesOptions): Figure {
  const facets = "facets" in options ? options.facets : [options];
  for (const { name, x, y } of facets.flatMap(({ series }) => series)) {
    if (x.length !== y.length) {
      throw new RangeError(`Cannot draw "${name}": each x needs one y, got ${x.length} x and ${y.length} y`);
    }
  }
  const { title, x, facts = {} } = options;
  const description = describeCurves(title, facets);
  const svg: Figure["svg"] = (page) => curvesSvg({ title, x, facets }, description, page);
  return {
    title,
    facts,
    svg,
    data: () => curvesTable(title, x.label, facets),
    rows: () => curvesRows(x.label, facets),
    [displaySymbol]: () => ({ "image/svg+xml": svg() as string, "text/plain": description }),
  };
}

function* curvesRows(xLabel: string, facets: readonly Facet[]): Generator<readonly unknown[]> {
  yield ["quantity", "series", xLabel, "value"];
  for (const { y, series } of facets) {
    for (const { name, x, y: values } of series) {
      for (let i = 0; i < x.length; i++) yield [y.label, name, x[i], values[i]];
    }
  }
}

function curvesTable(title: string, xLabel: string, facets: readonly Facet[]): Table {
  const points = [...curvesRows(xLabel, facets)].slice(1) as [string, string, number, number][];
  const texts = (column: number) =>
    vectorFromArray(
      points.map((point) => point[column] as string),
      new Dictionary(new Utf8(), new Int32()),
    );
  const numbers = (column: number) =>
    vectorFromArray(
      points.map((point) => point[column] as number),
      new Float64(),
    );
  const columns: Record<string, Vector> = { quantity: texts(0), series: texts(1), x: numbers(2), y: numbers(3) };
  const references = facets.map(({ y, references = [] }) => ({ quantity: y.label, references }));
  return withFacts(new Table(columns), { kind: "curves", title, x: { label: xLabel }, references });
}

function describeCurves(title: string, facets: readonly Facet[]): string {
  const last = facets.map(({ y, series }) => {
    const values = series.filter(({ y }) => y.length > 0).map(({ name, y }) => `${name} ${short(y[y.length - 1])}`);
    return `${y.label}: ${values.join(", ") || "nothing yet"}`;
  });
  return `${title}: ${last.join("; ")}`;
}
