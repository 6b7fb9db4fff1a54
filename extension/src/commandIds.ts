// What our commands are called.
import { trans } from "./translation";

export const CommandIds = {
  newExperiment: "bestrq:new-experiment",
  openMemoryPanel: "bestrq:open-memory-panel",
  exportFigure: "bestrq:export-figure",
} as const;

/** Under which they stand in the palette and the launcher. */
export const category = (): string => trans.__("BEST-RQ");
