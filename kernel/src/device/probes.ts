// All sources that there are.
import { CudaPoolProbe } from "./cudaPool";
import { NvidiaSmiProbe } from "./nvidiaSmi/probe";
import { NvmlProbe } from "./nvml/probe";
import type { Probe } from "./probe";
import { ProcessProbe } from "./process";

export function probes(): Probe[] {
  const nvml = new NvmlProbe();
  const smi = new NvidiaSmiProbe({ isWanted: () => nvml.isMissing });
  return [new ProcessProbe(), nvml, smi, new CudaPoolProbe()];
}
