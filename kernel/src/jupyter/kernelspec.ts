// The kernelspec: what JupyterLab must know to start the kernel.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
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

/** The prefix of a Python environment. */
export function prefixOf(python: string): string {
  return execFileSync(python, ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" }).trim();
}

/**
 * Installs the kernelspec, for this Node and this copy of the package.
 * @param dataDirectory a `share/jupyter`
 * @param program the built command
 * @returns the folder written
 */
export function installKernelspec(dataDirectory: string, program = resolve(__dirname, "../cli.js")): string {
  const folder = resolve(dataDirectory, "kernels", kernelName);
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
