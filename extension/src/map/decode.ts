// From the base64 text of a MIME bundle to a checked map figure. Whatever is wrong becomes an Error that a reader
// understands; no number of the data is trusted to be small.

import type { MapFacts, PanelFacts } from "../../../kernel/src/figures/map/facts";
import { spreadOf, tiles as tilesOf } from "../../../kernel/src/figures/map/pyramid";
import type { Coding, Range } from "../../../kernel/src/figures/map/scale";
import type { MapAxis, MapPlace } from "../../../kernel/src/figures/map/terms";
import { base64Bytes, column, metadata, read, text } from "../decode";
import { trans } from "../translation";

/** A tile as it is stored: compressed, or from a figure of the first version, as it is. */
export interface StoredTile {
  readonly panel: number;
  readonly level: number;
  readonly row: number;
  readonly column: number;
  readonly bytes: Uint8Array;
  readonly plain?: boolean;
}

export interface MapData {
  readonly facts: MapFacts;
  readonly tiles: readonly StoredTile[];
  /** The name under which the kernel keeps finer tiles. */
  readonly live?: string;
}

const mostPanels = 10_000;
const mostCells = 2 ** 28;

/** The figure of a bundle. @throws Error if it does not hold any */
export function decodeMap(bundle: unknown): MapData {
  const bytes = base64Bytes(bundle);
  const given = metadata(read(bytes));
  const panels = list(given.panels).map(panel);
  if (panels.length === 0) throw new Error(trans.__("it holds no map"));
  const facts = { ...general(given), panels, ...along(given) };
  return { facts, tiles: decodeTiles(bytes), live: typeof given.live === "string" ? given.live : undefined };
}

/** The tiles of an Arrow IPC stream. */
export function decodeTiles(bytes: Uint8Array): StoredTile[] {
  const table = read(bytes);
  const [panels, levels, rows, columns, tiles] = ["panel", "level", "row", "column", "tile"].map((name) =>
    column(table, name),
  );
  return Array.from({ length: table.numRows }, (_, index) => {
    const stored = tiles.get(index) as unknown;
    if (!(stored instanceof Uint8Array)) throw new Error(trans.__("tile %1 holds no bytes", index + 1));
    const [panel, level, row, column] = [panels, levels, rows, columns].map((one) => Number(one.get(index)));
    return { panel, level, row, column, bytes: stored };
  });
}

/** A figure of the first version: every cell as a number. @throws Error if it does not hold any */
export function decodeFirstMap(bundle: unknown): MapData {
  const table = read(base64Bytes(bundle));
  const given = metadata(table);
  const [names, rows, columns, values] = ["name", "rows", "columns", "values"].map((name) => column(table, name));
  const about = general(given);
  let skewed = 0;
  const tiles: StoredTile[] = [];
  const panels = Array.from({ length: table.numRows }, (_, index): PanelFacts => {
    const shape = { rows: Number(rows.get(index)), columns: Number(columns.get(index)) };
    const cells = Float32Array.from((values.get(index) as Iterable<number> | null) ?? []);
    if (!(shape.rows > 0 && shape.columns > 0) || cells.length !== shape.rows * shape.columns) {
      throw new Error(
        trans.__(
          "map %1 should be %2 × %3, but holds %4 values",
          ...[index + 1, shape.rows, shape.columns, cells.length],
        ),
      );
    }
    const { skewed: uneven, ...spread } = spreadOf(cells, about.diverging);
    if (uneven) skewed++;
    for (const { codes, ...where } of tilesOf(cells, shape.rows, shape.columns, spread))
      tiles.push({ panel: index, ...where, bytes: codes, plain: true });
    return { name: text(names.get(index)), ...shape, ...spread };
  });
  if (panels.length === 0) throw new Error(trans.__("it holds no map"));
  const tone = skewed > 0 ? ("square root" as const) : about.tone;
  return { facts: { ...about, tone, sameColours: true, panels }, tiles };
}

const list = (value: unknown): unknown[] => {
  if (value !== undefined && !Array.isArray(value)) throw new Error(trans.__("its parts are not a list"));
  if ((value?.length ?? 0) > mostPanels) throw new Error(trans.__("it has more than %1 parts", mostPanels));
  return value ?? [];
};

const object = (value: unknown): Record<string, unknown> => (value ?? {}) as Record<string, unknown>;

function general(given: Record<string, unknown>) {
  const tones = ["linear", "square root", "logarithm"] as const;
  return {
    title: text(given.title),
    x: axis(given.x),
    y: axis(given.y),
    colourLabel: text(given.colourLabel),
    diverging: given.diverging === true,
    tone: tones.find((tone) => tone === given.tone) ?? "linear",
    sameColours: given.sameColours !== false,
  };
}

function panel(value: unknown): PanelFacts {
  const { name, at, rows, columns, steps, low, high, whole, most } = object(value);
  const shape = { rows: Number(rows), columns: Number(columns) };
  const whole_ = Number.isInteger(shape.rows) && Number.isInteger(shape.columns);
  if (!(whole_ && shape.rows > 0 && shape.columns > 0 && shape.rows * shape.columns <= mostCells)) {
    throw new Error(trans.__('the map "%1" cannot be %2 × %3', text(name), text(rows), text(columns)));
  }
  const coding: Coding = {
    low: finite(low),
    high: finite(high),
    steps: steps === "cubic" || steps === "signed" ? steps : "even",
  };
  const ends = (value: unknown): Range => [finite(object(value)[0]), finite(object(value)[1])];
  return {
    name: text(name),
    ...shape,
    ...coding,
    whole: ends(whole),
    most: ends(most),
    ...(at !== undefined && { at: place(object(at)) }),
  };
}

function place({ mixer, layer, head, checkpoint }: Record<string, unknown>): MapPlace {
  return {
    ...(mixer !== undefined && { mixer: text(mixer) }),
    ...(layer !== undefined && { layer: finite(layer) }),
    ...(head !== undefined && { head: text(head) }),
    ...(checkpoint !== undefined && { checkpoint: finite(checkpoint) }),
  };
}

function along(given: Record<string, unknown>): Pick<MapFacts, "features" | "transcript" | "audio"> {
  const features = given.features !== undefined && {
    ...panel(given.features),
    secondsPerFrame: positive(object(given.features).secondsPerFrame) ?? 1,
  };
  const words = list(given.transcript).map((word) => {
    const { text: said, start, end } = object(word);
    return { text: text(said).slice(0, 100), start: finite(start), end: finite(end) };
  });
  const { rate, samples } = object(given.audio);
  const audio = { rate: positive(rate), samples: positive(samples) };
  return {
    ...(features && { features }),
    ...(words.length > 0 && { transcript: words }),
    ...(audio.rate && audio.samples && { audio: { rate: audio.rate, samples: audio.samples } }),
  };
}

function axis(value: unknown): MapAxis {
  const { label, unit, scale, upwards } = object(value);
  return {
    label: text(label),
    ...(unit !== undefined && { unit: text(unit) }),
    scale: positive(scale),
    upwards: upwards === true,
  };
}

const finite = (value: unknown): number => (Number.isFinite(Number(value)) ? Number(value) : 0);
const positive = (value: unknown): number | undefined => (finite(value) > 0 ? finite(value) : undefined);
