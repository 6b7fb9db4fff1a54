// The backend "plan": what a computation would allocate and compute, told from shapes alone.
import "./kernels";

export { shapeOnly } from "./backend";
export type { Operations } from "./flops";
export { isPlanning, planning } from "./planning";
