// Data in, figure out: every value here knows how it is shown in a notebook, on paper and in a terminal.
import { serveExports } from "./paper";

export { mixerColours } from "./colours";
export { type CurvesOptions, curves, curvesMimeType, type Facet, type Series } from "./curves";
export {
  type Comm,
  type Displayable,
  type DisplayHandle,
  display,
  displaySymbol,
  type Host,
  host,
  hostSymbol,
  type MimeBundle,
} from "./display";
export type { Drawable, Facts, Figure } from "./figure";
export { heatmap } from "./heatmap";
export { LiveTrace, liveTarget } from "./live";
export { mapMimeType } from "./map/figure";
export type { HeatmapOptions, MapPanel, MapValues } from "./map/options";
export type { Tone as MapTone } from "./map/scale";
export type { MapAlong, MapAxis, MapPlace } from "./map/terms";
export type { MemoryTable } from "./memoryArrow";
export type { MemoryChunk, MemoryEvent } from "./memoryChunk";
export { MemoryLog } from "./memoryLog";
export { memoryTable } from "./memoryTable";
export { type MemoryTraceOptions, memoryMimeType, memoryTrace } from "./memoryTrace";
export { open, runFigures, type SaveOptions, save } from "./paper";
export { lateProgress, type ProgressOptions, progress } from "./progress";
export { type Column, table } from "./resultTable";
export type { StackedBy } from "./stack";
export { type Theme, theme } from "./theme";
export { bytes, duration, exactBytes } from "./units";

serveExports();
