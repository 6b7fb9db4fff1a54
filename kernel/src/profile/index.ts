export { type Foreseen, foresee, type Work } from "./foresee";
export type { MemoryEvent, Phase } from "./ledger";
export * from "./memory";
export { type Plan, plan } from "./plan";
export type { WorkOptions } from "./work";
