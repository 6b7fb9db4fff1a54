// What the machine's memory does while something computes: sources of figures, and the thread that asks them.
export { freeOnCard } from "./card";
export { connect } from "./connection";
export { publishGauge } from "./gauges";
export { type CellMark, History } from "./history";
export type { DeviceGroup, DeviceSeries, Values } from "./probe";
export { openSampler } from "./probes";
export { type Description, type Sampler, shortestInterval } from "./sampler";
export { type Moment, type Recorded, serve } from "./serve";
export { sampleBytes, sampleTable } from "./table";
export { Trails } from "./trail";
