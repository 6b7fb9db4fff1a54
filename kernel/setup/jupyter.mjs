// Starts what the set-up has made: JupyterLab, or one notebook run to its end.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cleanPython, venvPython } from "./steps/python-environment.mjs";

/** Opens JupyterLab on a notebook; resolves with its exit code once it has ended, as by Ctrl-C. */
export function openLab(root, notebook, args) {
  const options = [
    "--ip=127.0.0.1",
    `--ServerApp.root_dir=${root}`,
    `--LabApp.default_url=/lab/tree/${notebook}`, // rather than as an argument, so that the address shown leads there, too
    "-y", // one Ctrl-C ends it and its kernels, without a question
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
  ];
  return runPython(root, ["-m", "jupyterlab", ...options, ...args]);
}

/** Runs a notebook to its end. Notebook, figures and a page go to `out/`, also when a cell fails; the exit code is then 1. */
export function runNotebook(root, notebook) {
  const script = fileURLToPath(new URL("run_notebook.py", import.meta.url));
  return runPython(root, [script, notebook, join(root, "out")]);
}

function runPython(root, args) {
  const env = { ...process.env, ...cleanPython };
  const child = spawn(venvPython(root), args, { cwd: root, env, stdio: "inherit" });
  // Ctrl-C reaches the child by itself: here it is only kept from ending us first.
  const wait = () => {};
  const pass = () => child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", pass);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}
