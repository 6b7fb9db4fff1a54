// A map figure as the table that a notebook stores: facts in the schema's metadata, compressed tiles as rows.
import { deflateRawSync } from "node:zlib";
import { Binary, Int32, Table, vectorFromArray } from "apache-arrow";
import { withFacts } from "../arrow";
import type { MapFacts, PanelFacts } from "./facts";
import type { HeatmapOptions } from "./options";
import { spreadOf, tiles } from "./pyramid";
import type { PackedSound } from "./sound";
import type { MapAlong } from "./terms";

/** A tile, compressed. */
export interface PackedTile {
  readonly panel: number;
  readonly level: number;
  readonly row: number;
  readonly column: number;
  readonly bytes: Uint8Array;
}

/** Everything about a figure, in every resolution. */
export interface PackedMap {
  readonly facts: MapFacts;
  readonly tiles: readonly PackedTile[];
}

/** Takes the maps of a figure one after the other and keeps none of them uncompressed. */
export class MapPacker {
  constructor(private readonly options: Omit<HeatmapOptions, "panels">) {}

  add(panel: Pick<PanelFacts, "name" | "at" | "rows" | "columns">, values: ArrayLike<number>): void {
    const { skewed, ...spread } = this.#pack(this.#panels.length, panel, values, this.options.diverging === true);
    this.#panels.push({ ...panel, ...spread });
    if (skewed) this.#skewed++;
  }

  /** @param sound of `along`, packed */
  done(sound?: PackedSound): PackedMap {
    const { title, x, y, colourLabel, diverging = false, along = {} } = this.options;
    const panels = this.#panels;
    const mixers = new Set(panels.map(({ at }) => at?.mixer));
    const facts = {
      title,
      x,
      y,
      colourLabel,
      diverging,
      tone: this.options.tone ?? (this.#skewed > 0 ? "square root" : "linear"),
      sameColours: this.options.sameColours ?? mixers.size <= 1,
      panels,
      transcript: along.transcript,
      features: along.features && this.#features(along.features),
      audio: sound && this.#sound(sound),
    } as const;
    return { facts, tiles: this.#tiles };
  }

  #features({ values, frames, mels, secondsPerFrame }: NonNullable<MapAlong["features"]>) {
    const turned = new Float32Array(mels * frames);
    for (let frame = 0; frame < frames; frame++)
      for (let mel = 0; mel < mels; mel++) turned[mel * frames + frame] = values[frame * mels + mel];
    const panel = { name: "spectrogram", rows: mels, columns: frames };
    const { skewed, ...spread } = this.#pack(this.#panels.length, panel, turned, false);
    return { ...panel, ...spread, secondsPerFrame };
  }

  #sound({ bytes, rate, samples }: PackedSound) {
    this.#tiles.push({ panel: this.#panels.length + 1, level: 0, row: 0, column: 0, bytes });
    return { rate, samples };
  }

  #pack(
    panel: number,
    { rows, columns }: { rows: number; columns: number },
    values: ArrayLike<number>,
    signed: boolean,
  ) {
    const spread = spreadOf(values, signed);
    for (const { codes, ...where } of tiles(values, rows, columns, spread))
      this.#tiles.push({ panel, ...where, bytes: deflateRawSync(codes) });
    return spread;
  }

  readonly #panels: PanelFacts[] = [];
  readonly #tiles: PackedTile[] = [];
  #skewed = 0;
}

/** Of all tiles those that fit into `most` bytes: every map's coarsest level, then finer ones, whole levels at a time. */
export function fitting({ tiles }: PackedMap, most: number): PackedTile[] {
  const levels = new Map<string, PackedTile[]>();
  for (const tile of tiles) {
    const level = `${tile.panel} ${tile.level}`;
    levels.set(level, [...(levels.get(level) ?? []), tile]);
  }
  const sized = [...levels.values()].map((own) => ({
    own,
    bytes: own.reduce((sum, { bytes }) => sum + bytes.length, 0),
  }));
  const coarsest = new Map(tiles.map(({ panel, level }) => [panel, level])); // the last of each map
  const needed = ({ own: [{ panel, level }] }: (typeof sized)[number]) => (coarsest.get(panel) === level ? 0 : 1);
  sized.sort((a, b) => needed(a) - needed(b) || a.bytes - b.bytes);
  let left = most;
  return sized.flatMap((level) => {
    if (needed(level) > 0 && level.bytes > left) return [];
    left -= level.bytes;
    return level.own;
  });
}

/** Tiles as a table, with a figure's facts in its schema. */
export function tileTable(tiles: readonly PackedTile[], facts: Record<string, unknown> = {}): Table {
  const whole = (key: "panel" | "level" | "row" | "column") =>
    vectorFromArray(
      tiles.map((tile) => tile[key]),
      new Int32(),
    );
  const bytes = tiles.map((tile) => tile.bytes);
  const table = new Table({
    panel: whole("panel"),
    level: whole("level"),
    row: whole("row"),
    column: whole("column"),
    tile: vectorFromArray(bytes, new Binary()),
  });
  return withFacts(table as Table, facts);
}
