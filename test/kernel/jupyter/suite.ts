// Suites in Python, for what speaks to kernels in Python.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installKernelspec } from "bestrq/jupyter/kernelspec";
import { checkout, cli } from "./client";

/** Runs one of the files beside this one where the kernel is installed, and gives what `unittest` says of it. */
export async function runSuite(file: string): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), "bestrq-jupyter-"));
  try {
    installKernelspec(data, cli);
    const suite = fileURLToPath(new URL(file, import.meta.url));
    const env = { ...process.env, JUPYTER_PATH: data, JUPYTER_RUNTIME_DIR: data, BESTRQ_HISTORY: data };
    const options = { env, cwd: join(checkout, "notebooks"), timeout: 200_000 };
    const { stderr } = await promisify(execFile)(join(checkout, ".venv/bin/python"), [suite, "-v"], options);
    return stderr;
  } finally {
    rmSync(data, { recursive: true, maxRetries: 3 });
  }
}

/** What `unittest` ends with when nothing failed, and nothing was skipped. */
export const allPassed = /^OK$/m;
