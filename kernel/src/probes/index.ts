// What a frozen encoder knows: simple classifiers on its hidden states.
export { type Accuracy, accuracyOf, type Margin, margin } from "./accuracy";
export { averageFeatures, averageStates } from "./averages";
export { type DigitOptions, type DigitResults, type DigitSettings, digits, digitTable, readDigits, runProbe } from "./digits"; // biome-ignore format: one line
export { linear, type ProbeResult } from "./linear";
export type { ClassifierOptions, Examples } from "./linearClassifier";
export { weightedSum } from "./weightedSum";
