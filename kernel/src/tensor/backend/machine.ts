// What can be told about this machine without loading anything.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

/** The processor's name. */
export const cpuName = (): string => cpus()[0]?.model.trim() || process.arch;

/** Whether NVIDIA's driver is loaded. */
export const hasNvidiaDriver = (): boolean => existsSync("/proc/driver/nvidia/version") || existsSync("/dev/nvidia0");

/** The NVIDIA card's name, where the driver tells it. */
export function nvidiaName(): string {
  const cards = "/proc/driver/nvidia/gpus";
  try {
    const information = readFileSync(join(cards, readdirSync(cards)[0], "information"), "utf8");
    return /Model:\s*(.+)/.exec(information)?.[1].trim() ?? "NVIDIA";
  } catch {
    return "NVIDIA";
  }
}

/**
 * Whether there may be a GPU at all: on Linux a device node, or a Vulkan driver that someone names; elsewhere there is one.
 */
export function mayHaveGpu(): boolean {
  if (process.platform !== "linux") return true;
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return true;
  return hasNvidiaDriver() || existsSync("/dev/dxg") || (existsSync("/dev/dri") && readdirSync("/dev/dri").some((name) => name.startsWith("renderD"))); // biome-ignore format: one line
}

/** The command that adds Vulkan's loader and the free drivers, on Linux. */
export function addVulkan(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const installers: [program: string, command: string][] = [
    ["/usr/bin/apt-get", "sudo apt install libvulkan1 mesa-vulkan-drivers"],
    ["/usr/bin/dnf", "sudo dnf install vulkan-loader mesa-vulkan-drivers"],
    ["/usr/bin/pacman", "sudo pacman -S vulkan-icd-loader"],
  ];
  return installers.find(([program]) => existsSync(program))?.[1];
}
