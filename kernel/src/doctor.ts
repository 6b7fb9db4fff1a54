// What this machine has of what the laboratory needs.
import { existsSync, readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { kernelName, userDataDirectory } from "./jupyter/kernelspec";
import type { BackendName } from "./tensor";

export interface Finding {
  name: string;
  found: boolean;
  detail: string;
  /** The command that adds what is missing. */
  remedy?: string;
}

const checkout = resolve(__dirname, "../..");
const setUp = "npm start";

/** Looks at Node, memory, GPU drivers, backends, what memory can be sampled, JupyterLab and the kernelspec. Backends are used, to be sure that they work. */
export async function examine(): Promise<Finding[]> {
  const machine = [node(), memory(), nvidia(), ...(process.platform === "linux" ? [vulkan()] : [])];
  const backends = [await backendFinding("tensorflow"), await backendFinding("webgpu"), await backendFinding("wasm")];
  return [...(await Promise.all(machine)), ...backends, await chosen(), await samples(), jupyterlab(), kernelspec()];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const found = major > 20 || (major === 20 && minor >= 19);
  return { name: "Node", found, detail: process.version, ...(found ? {} : { remedy: "install Node 20.19 or newer" }) };
}

function memory(): Finding {
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return { name: "memory", found: true, detail: `${gibibytes(totalmem())}, ${gibibytes(freemem())} of it free` };
}

function nvidia(): Finding {
  const name = "NVIDIA GPU";
  const version = "/proc/driver/nvidia/version";
  if (!existsSync(version)) return { name, found: false, detail: "no driver is loaded" };
  return { name, found: true, detail: readFileSync(version, "utf8").split("\n")[0] };
}

/** By its loader, which finds the drivers. */
async function vulkan(): Promise<Finding> {
  const folders = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
  ];
  const paths = [...(process.env.LD_LIBRARY_PATH ?? "").split(delimiter).filter(Boolean), ...folders];
  const loader = paths.map((folder) => join(folder, "libvulkan.so.1")).find((path) => existsSync(path));
  if (loader) return { name: "Vulkan", found: true, detail: loader };
  const { addVulkan } = await import("./tensor/index.js");
  return {
    name: "Vulkan",
    found: false,
    detail: "no libvulkan.so.1; the webgpu backend needs it",
    remedy: addVulkan(),
  };
}

async function backendFinding(engine: BackendName): Promise<Finding> {
  const name = `${engine} backend`;
  const { backend } = await import("./tensor/index.js");
  try {
    return { name, found: true, detail: `${await backend.use(engine)}` };
  } catch (error) {
    const { message, command } = ((error as Error).cause ?? error) as Error & { command?: string };
    return { name, found: false, detail: message, ...(command ? { remedy: command } : {}) };
  }
}

async function chosen(): Promise<Finding> {
  const { backend } = await import("./tensor/index.js");
  const [uses] = String(await backend.use("auto")).split("\n");
  return { name: 'backend "auto"', found: true, detail: uses };
}

/** After the backends: some of them count their memory themselves. */
async function samples(): Promise<Finding> {
  const { connect } = await import("./device/index.js");
  const { series, notes } = await connect().once();
  const names = series.map(({ name, label }) => `${name} (${label})`).join(", ");
  return { name: "memory over time", found: true, detail: [names, ...notes].join("; ") };
}

function jupyterlab(): Finding {
  const folders = [join(checkout, ".venv/bin"), ...(process.env.PATH ?? "").split(delimiter)];
  const program = folders.map((folder) => join(folder, "jupyter-lab")).find((path) => existsSync(path));
  if (program) return { name: "JupyterLab", found: true, detail: program };
  return { name: "JupyterLab", found: false, detail: "not in the checkout, not on the PATH", remedy: setUp };
}

function kernelspec(): Finding {
  const folders = [join(checkout, ".venv/share/jupyter"), userDataDirectory()];
  const specs = folders.map((folder) => join(folder, "kernels", kernelName, "kernel.json"));
  const spec = specs.find((path) => existsSync(path));
  if (spec) return { name: "kernelspec", found: true, detail: spec };
  return {
    name: "kernelspec",
    found: false,
    detail: "JupyterLab does not know the kernel",
    remedy: "npx bestrq install",
  };
}
