import "./compiling";

export * from "./checkpoints";
export * from "./config";
export { type ComingWork, foresight } from "./foresight";
export { frontEnd } from "./frontEnd";
export * from "./masking";
export { type MixerName, makeMixer, mixerNames, type SummaryMixingForm } from "./mixers";
export * from "./model";
export * from "./quantizer";
export { conformerSources, frontEndSources, mixerSources, modelSources, type Source } from "./speechbrain";
export type { Summary, SummaryRow } from "./summary";
export * from "./switches";
