export { type CompareOptions, compare, overTraining } from "./compare";
export { FrameCurves, FrameMap, type FrameQuantity, type Panel } from "./frameMap";
export { InfluenceMap, type InfluenceOptions, influence } from "./influence";
export type { InputOptions, MapInput } from "./input";
export { MixerMap, type MixerMapOptions, mixerMap } from "./mixerMap";
export type { Part } from "./parts";
export { Statistics, type StatisticsOptions, type StatisticsRow, statistics } from "./report";
