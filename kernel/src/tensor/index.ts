// The tensors that everything else is made of: TensorFlow.js, the choice of backend, and our own ops and files.
import "./corrections";
import "./inspect";

export { Attribution, overlay, type Phase, type Place } from "./attribution";
export { type BackendName, type BackendStatus, backend } from "./backend";
export { addVulkan } from "./backend/machine";
export { dropout } from "./dropout";
export { uninterrupted } from "./interrupts";
export { type JitOptions, type Jitted, jit } from "./jit";
export { type HostOp, registerHostOp } from "./jit/hostOp";
export { isRecording } from "./jit/recorder";
export { type Observer, observe, span, tap } from "./observe";
export { isPlanning, type Operations, planning, shapeOnly } from "./plan";
export { Random, type RandomState } from "./random";
export { readSafetensors, writeSafetensors } from "./safetensors";
export { type ScanArrays, unrollScan } from "./scan/unroll";
export { selectiveScan } from "./selectiveScan";
export { listed, type TensorFile } from "./tensorFile";
export { loadSavedModel, type SavedModel, type SavedModelOptions, type TensorSpec } from "./tensorflow/savedModel";
export * as tf from "./tf";
export { readTorch } from "./torch";
