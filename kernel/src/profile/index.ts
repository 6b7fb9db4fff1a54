export { type Foreseen, foresee, type Work } from "./foresee";
export type { Kind, MemoryEvent } from "./ledger";
export type { RecordedTensor, Sum } from "./lifetimes";
export type { Listing } from "./listing";
export { compare, last, load, type MemoryOptions, memory } from "./memory";
export type { Difference, KeptTensors, MemoryProfile } from "./memoryProfile";
export { type Plan, plan } from "./plan";
export type { WorkOptions } from "./work";
