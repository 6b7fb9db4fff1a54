export { type BatchOptions, batches, type JoinOptions, joinUtterances } from "./batches";
export { source } from "./corpusSource";
export { type LoadDigitsOptions, loadDigits, parseDigitName, type SpokenDigit } from "./fsdd";
export { inMemory } from "./inMemory";
export { type LibriSpeechPlace, parseLibriSpeechPath } from "./librispeech";
export { Manifest, type ManifestUtterance, type OpenOptions, open } from "./manifest";
export { type ScanOptions, type ScanProgress, scan } from "./scan";
export { type Chooser, shuffle } from "./shuffle";
export type { FeatureSource, LoadedFeatures } from "./source";
