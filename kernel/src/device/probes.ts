// All sources that there are.
import { CudaPoolProbe } from "./cudaPool";
import { NvidiaSmiProbe } from "./nvidiaSmi/probe";
import { NvmlProbe } from "./nvml/probe";
import { ProcessProbe } from "./process";
import { Sampler } from "./sampler";

/** A sampler of everything. */
export function openSampler(): Sampler {
  const nvml = new NvmlProbe();
  const smi = new NvidiaSmiProbe({ isWanted: () => nvml.isMissing() });
  return new Sampler([new ProcessProbe(), nvml, smi, new CudaPoolProbe()]);
}
