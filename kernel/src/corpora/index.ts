export { type BatchOptions, batches, type Chooser, type JoinOptions, joinUtterances } from "./batches";
export { type LoadDigitsOptions, loadDigits, parseDigitName, type SpokenDigit } from "./fsdd";
export { inMemory } from "./inMemory";
export type { FeatureSource, LoadedFeatures } from "./source";
