// Figures from their numbers: what a file or a notebook holds becomes a figure again, to be drawn for another page.
import { readFile } from "node:fs/promises";
import { type Table, tableFromIPC } from "apache-arrow";
import { factsIn } from "../arrow";
import { curves } from "../curves";
import { curvesIn } from "../curvesArrow";
import type { Facts, Figure } from "../figure";
import { mapIn } from "../map/figure";
import type { MemoryTable } from "../memoryArrow";
import { memoryTrace } from "../memoryTrace";
import { tableIn } from "../resultTable";
import type { StackedBy } from "../stack";

const readers: Record<string, (data: Table, facts: Facts) => Figure> = {
  curves: (data, facts) => curves({ ...curvesIn(data), facts }),
  memory: (data, facts) => {
    const { title, by } = factsIn(data) as { title: string; by?: StackedBy };
    return memoryTrace({ title, by, table: data as MemoryTable, facts });
  },
  map: mapIn,
  table: tableIn,
};

/**
 * The figure in a file that `figures.save(figure, "….arrow")` wrote.
 *
 * @throws Error where the file holds no figure
 * @example
 * const stored = await figures.open(path); // "loss.arrow"
 * await figures.save(stored, "loss.pdf", figures.theme("paper"));
 */
export const open = async (path: string): Promise<Figure> => figureIn(await readFile(path));

/** The figure in an Arrow IPC stream or file. @throws Error where there is none */
export function figureIn(bytes: Uint8Array): Figure {
  const data = tableFromIPC(bytes);
  const { kind, Caption: caption, Seed: seed, Machine: machine } = factsIn(data) as Record<string, string | undefined>;
  const read = kind === undefined ? undefined : readers[kind];
  if (!read)
    throw new Error(`Cannot open the figure: its data should be of ${Object.keys(readers).join(", ")}, got ${kind}`);
  return read(data, { caption, seed, machine });
}
