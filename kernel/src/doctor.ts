// What this machine has of what the laboratory needs.
import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { kernelName, userDataDirectory } from "./jupyter/kernelspec";

export interface Finding {
  name: string;
  found: boolean;
  detail: string;
  /** The command that adds what is missing. */
  remedy?: string;
}

const checkout = resolve(__dirname, "../..");
const setUp = "npm start";

/** Looks at Node, memory, backends, GPU, JupyterLab and the kernelspec; libtensorflow is loaded, to be sure that it works. */
export async function examine(): Promise<Finding[]> {
  return [node(), memory(), await tensorflow(), gpu(), jupyterlab(), kernelspec()];
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const found = major > 20 || (major === 20 && minor >= 19);
  return { name: "Node", found, detail: process.version, ...(found ? {} : { remedy: "install Node 20.19 or newer" }) };
}

function memory(): Finding {
  return { name: "memory", found: true, detail: `${(totalmem() / 2 ** 30).toFixed(1)} GiB` };
}

async function tensorflow(): Promise<Finding> {
  const name = "tensorflow backend";
  const { backend } = await import("./tensor/index.js");
  try {
    const { version, device, threads } = await backend.use("tensorflow");
    return { name, found: true, detail: `TensorFlow ${version} on the ${device}, ${threads} threads` };
  } catch (error) {
    return { name, found: false, detail: (error as Error).message, remedy: setUp };
  }
}

function gpu(): Finding {
  const found = existsSync("/proc/driver/nvidia/version");
  return { name: "NVIDIA GPU", found, detail: found ? "driver loaded" : "no driver; everything runs on the CPU" };
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
