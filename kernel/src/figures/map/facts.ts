// What a stored map figure says of itself, apart from its cells. Also used by the extension.

import type { Spread, Tone } from "./scale";
import type { MapAlong, MapAxis, MapPlace } from "./terms";

/** A map without its cells. */
export interface PanelFacts extends Spread {
  readonly name: string;
  readonly at?: MapPlace;
  readonly rows: number;
  readonly columns: number;
}

/** A figure without its cells. */
export interface MapFacts {
  readonly title: string;
  readonly x: MapAxis;
  readonly y: MapAxis;
  readonly colourLabel: string;
  readonly diverging: boolean;
  readonly tone: Tone;
  readonly sameColours: boolean;
  readonly panels: readonly PanelFacts[];
  readonly transcript?: MapAlong["transcript"];
  /** Its tiles are those of the map after the last. */
  readonly features?: PanelFacts & { readonly secondsPerFrame: number };
  /** Its bytes are the one tile of the map after that: a FLAC file. */
  readonly audio?: { readonly rate: number; readonly samples: number };
}
