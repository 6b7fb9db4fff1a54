// The kernelspec: what JupyterLab must know to start the kernel.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const kernelName = "bestrq";
export const displayName = "TypeScript (BEST-RQ)";

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<rect width="64" height="64" rx="10" fill="#3178c6"/>
<path d="M10 26h20M20 26v28" stroke="#fff" stroke-width="6" stroke-linecap="round"/>
<path d="M36 46v-8M43 52V32M50 48V36M57 44v-4" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
</svg>
`;

/** The folder below which Jupyter looks for a user's own kernels. */
export function userDataDirectory(): string {
  if (process.env.JUPYTER_DATA_DIR) return process.env.JUPYTER_DATA_DIR;
  if (process.platform === "darwin") return join(homedir(), "Library/Jupyter");
  if (process.platform === "win32") return join(process.env.APPDATA ?? homedir(), "jupyter");
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "jupyter");
}

/** Where a kernelspec is for: one of them, or the user. */
export interface Place {
  /** The current user; what is meant where nothing is said. */
  user?: boolean;
  /** All users of the machine. */
  system?: boolean;
  /** A folder that holds `share/jupyter`. */
  prefix?: string;
  /** The Python environment of this interpreter. */
  "sys-prefix"?: string;
}

/** The folder below which Jupyter looks for the kernels of a place: it is called `share/jupyter` mostly. */
export function dataDirectory(place: Place): string {
  const named = Object.entries(place).filter(([, value]) => value);
  if (named.length > 1) {
    throw new Error(
      `Cannot choose a place for the kernel: give one, got ${named.map(([name]) => `--${name}`).join(", ")}`,
    );
  }
  if (place.system) return systemDataDirectory();
  const prefix = place.prefix ?? (place["sys-prefix"] && prefixOf(place["sys-prefix"]));
  return prefix ? join(prefix, "share/jupyter") : userDataDirectory();
}

function systemDataDirectory(): string {
  if (process.platform === "win32") return join(process.env.PROGRAMDATA ?? "C:\\ProgramData", "jupyter");
  return "/usr/local/share/jupyter";
}

/** The prefix of a Python environment. */
function prefixOf(python: string): string {
  try {
    return execFileSync(python, ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" }).trim();
  } catch (error) {
    throw new Error(`Cannot find the prefix of ${python}: ${(error as Error).message.split("\n")[0]}`);
  }
}

/**
 * Installs the kernelspec, for this Node and this copy of the package.
 * @param dataDirectory a `share/jupyter`
 * @param program the built command
 * @returns the folder written
 */
export function installKernelspec(dataDirectory: string, program = resolve(__dirname, "../cli.js")): string {
  const folder = folderIn(dataDirectory);
  const spec = {
    argv: [process.execPath, program, "kernel", "{connection_file}"],
    display_name: displayName,
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: false },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
  writeFileSync(join(folder, "logo-svg.svg"), logo);
  return folder;
}

/**
 * Removes the kernelspec.
 * @param dataDirectory a `share/jupyter`
 * @returns the folder removed
 * @throws Error if there is none
 */
export function removeKernelspec(dataDirectory: string): string {
  const folder = folderIn(dataDirectory);
  if (!existsSync(folder)) throw new Error(`Cannot remove the kernel: there is none in ${folder}`);
  rmSync(folder, { recursive: true });
  return folder;
}

function folderIn(dataDirectory: string): string {
  return resolve(dataDirectory, "kernels", kernelName);
}
