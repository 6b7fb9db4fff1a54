// What a cell imports: the models and the choice of backend by name, the rooms of the library as namespaces.
export * as audio from "./audio";
export { type BenchOptions, bench } from "./bench";
export {
  BestRq,
  type BestRqConfig,
  type BestRqOptions,
  type Features,
  type LoadReport,
  loadCheckpoint,
  loadNormalisation,
  type Mask,
  type MixerName,
  mixerNames,
  readCheckpoint,
  type Size,
  type Summary,
  type SummaryRow,
  saveCheckpoint,
  sizes,
} from "./bestrq";
export * as corpora from "./corpora";
export * as figures from "./figures";
export { display } from "./figures";
export * as maps from "./maps";
export * as parallel from "./parallel";
export * as probes from "./probes";
export * as profile from "./profile";
export { backend, jit, Random, span, tf } from "./tensor";
export * as train from "./train";
