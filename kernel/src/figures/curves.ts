// Curves over steps, such as the loss beside the masked accuracy: one facet each, the same colours in all of them.
import { base64, ipc } from "./arrow";
import { curvesRows, curvesTable } from "./curvesArrow";
import { curvesSvg } from "./curvesSvg";
import { displaySymbol } from "./display";
import type { Facts, Figure } from "./figure";
import { givenFacts } from "./paper/facts";
import { short } from "./units";

export const curvesMimeType = "application/vnd.bestrq.curves.v1+arrow";

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
    data: () => curvesTable({ title, x, facets }),
    columns: ["quantity", "series", x.label, "value"],
    rows: () => curvesRows(facets),
    [displaySymbol]: () => ({
      [curvesMimeType]: base64(ipc(curvesTable({ title, x, facets }), givenFacts(facts))),
      "image/svg+xml": svg() as string,
      "text/plain": description,
    }),
  };
}

function describeCurves(title: string, facets: readonly Facet[]): string {
  const last = facets.map(({ y, series }) => {
    const values = series.filter(({ y }) => y.length > 0).map(({ name, y }) => `${name} ${short(y[y.length - 1])}`);
    return `${y.label}: ${values.join(", ") || "nothing yet"}`;
  });
  return `${title}: ${last.join("; ")}`;
}
