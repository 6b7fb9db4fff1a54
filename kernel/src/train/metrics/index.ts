export { CodeUse } from "./codeUse";
export { JsonLines } from "./jsonLines";
export type { MetricsSink, StepMetrics } from "./metrics";
