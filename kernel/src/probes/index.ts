export { type Accuracy, accuracyOf, type Margin, margin } from "./accuracy";
export { averageFeatures, averageStates } from "./averages";
export { type DigitOptions, type DigitResults, type DigitSettings, digits, digitTable, runProbe } from "./digits";
export { type FitOptions, type Fitted, fit } from "./fit";
export { type LinearOptions, linear, type ProbeResult, probe, type Target } from "./linear";
export type { Examples, LinearClassifier } from "./linearClassifier";
export { weightedSum } from "./weightedSum";
