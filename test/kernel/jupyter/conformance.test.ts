import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installKernelspec } from "bestrq/jupyter/kernelspec";
import { expect, test } from "vitest";
import { checkout, cli } from "./client";

test("the kernel passes Jupyter's own conformance suite", { timeout: 240_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), "bestrq-jupyter-"));
  try {
    installKernelspec(data, cli);
    const suite = fileURLToPath(new URL("conformance.py", import.meta.url));
    const env = { ...process.env, JUPYTER_PATH: data, JUPYTER_RUNTIME_DIR: data, BESTRQ_HISTORY: data };
    const options = { env, cwd: join(checkout, "notebooks"), timeout: 200_000 };
    const { stderr } = await promisify(execFile)(join(checkout, ".venv/bin/python"), [suite, "-v"], options);
    expect(stderr).toMatch(/^OK$/m); // that is, with none skipped
  } finally {
    rmSync(data, { recursive: true, maxRetries: 3 });
  }
});
