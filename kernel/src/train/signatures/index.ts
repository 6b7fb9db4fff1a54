export type { MapRow } from "./overAggregation";
export type { WatchedStep } from "./rule";
export { type Signature, type SignatureName, signatureNames } from "./signature";
export { Watch, type WatchState } from "./watch";
