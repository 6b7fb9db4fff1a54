// What NVML's figures are, in words.
import type { DeviceSeries } from "../probe";
import type { MemoryInfo } from "./library";

const common = {
  unit: "bytes",
  resolution: "blocks of the driver (up to 2 MiB); peaks between two samples are missed",
  group: "device",
} as const;

export function usedSeries(name: string, label: string, { total, withReserve }: MemoryInfo): DeviceSeries {
  const reserve = withReserve ? "with what the driver keeps for itself" : "without what the driver keeps for itself";
  const what = `Memory in use on the card by all processes, ${reserve} (NVML)`;
  return { ...common, name, label: `${label}: in use`, what, limit: total };
}

export function processSeries(name: string, label: string): DeviceSeries {
  const what =
    "Memory that this process has on the card (NVML): tensors, CUDA's context and libraries, and what frameworks keep for later";
  return { ...common, name, label: `${label}: this process`, what };
}

export function othersSeries(name: string, label: string): DeviceSeries {
  const what = "Memory that other processes that compute have on the card (NVML)";
  return { ...common, name, label: `${label}: other processes`, what };
}
