// What the machine's memory does while something computes: sources of figures, and the thread that asks them.
export { type CellMark, History } from "./history";
export type { DeviceSeries, Values } from "./probe";
export { probes } from "./probes";
export { type Description, Sampler, shortestInterval } from "./sampler";
export { sampleBytes } from "./table";
export { Trails } from "./trail";
