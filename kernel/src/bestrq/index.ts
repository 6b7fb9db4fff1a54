export * from "./config";
export * from "./masking";
export { type MixerName, mixerNames } from "./mixers";
export * from "./model";
export * from "./quantizer";
