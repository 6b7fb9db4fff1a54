export { best, type Checkpoint, checkpointsIn } from "./folder";
export type { Run } from "./run";
export { type RunOptions, run } from "./start";
