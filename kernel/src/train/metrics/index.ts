export { CodeUse } from "./codeUse";
export { JsonLines } from "./jsonLines";
export type { MetricsSink, StepMetrics } from "./metrics";
export { peakMemory } from "./peakMemory";
export { TensorBoard } from "./tensorBoard";
