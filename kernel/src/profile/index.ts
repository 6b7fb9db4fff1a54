export type { MemoryEvent, Phase } from "./ledger";
export * from "./memory";
