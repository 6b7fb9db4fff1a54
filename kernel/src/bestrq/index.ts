export * from "./checkpoints";
export * from "./config";
export * from "./masking";
export { type MixerName, mixerNames, type SummaryMixingForm } from "./mixers";
export * from "./model";
export * from "./quantizer";
export * from "./switches";
