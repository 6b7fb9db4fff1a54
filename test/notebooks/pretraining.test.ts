// The notebook about pre-training: run from top to bottom as `jupyter` would, with fewer steps.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

interface Cell {
  outputs?: { output_type: string; data?: Record<string, string | string[]> }[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const notebook = join(root, "notebooks", "04-pretraining.ipynb");
const folder = mkdtempSync(join(tmpdir(), "pretraining-"));
afterAll(() => rmSync(folder, { recursive: true }));

const outputsOf = (path: string) =>
  (JSON.parse(readFileSync(path, "utf8")) as { cells: Cell[] }).cells.flatMap(({ outputs }) => outputs ?? []);

/** What the notebook promises, as its cells tell it. */
function check(path: string, steps: number): void {
  const told = outputsOf(path)
    .map(({ data }) => [data?.["text/plain"] ?? ""].flat().join(""))
    .join("\n");
  expect(told).toContain(`stopped after step ${steps / 4 + 3} of ${steps}`);
  expect(told, "resumed bit for bit").toMatch(/largest difference +0\s/);
  expect(told, "the failure is told, with its page").toContain("See kernel/docs/signatures/loss-spike.md");
  expect(told).toMatch(/step [1-9]: loss-spike/);
  const healthy = told.match(/(mhsa|summarymixing), step \d+:/g);
  expect(healthy, "nothing is told of what goes well").toBeNull();
}

test("the notebook about pre-training runs to its end, and what it says holds", () => {
  const python = join(root, ".venv", "bin", "python");
  const program = join(root, "kernel", "setup", "run_notebook.py");
  execFileSync(python, [program, notebook, folder], {
    env: { ...process.env, JUPYTER_DATA_DIR: join(folder, "jupyter"), BESTRQ_STEPS: "16" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const executed = join(folder, "04-pretraining.ipynb");
  check(executed, 16);
  expect(outputsOf(executed).some(({ output_type }) => output_type === "error")).toBe(false);
}, 900_000);
