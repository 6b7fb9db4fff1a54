// The notebook about memory: run from top to bottom as `jupyter` would, without a browser, and as it was saved.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

interface Cell {
  cell_type: string;
  source: string | string[];
  outputs?: { output_type: string; data?: Record<string, string | string[]> }[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const notebook = join(root, "notebooks", "03-memory.ipynb");
const folder = mkdtempSync(join(tmpdir(), "memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

const outputsOf = (path: string) =>
  (JSON.parse(readFileSync(path, "utf8")) as { cells: Cell[] }).cells.flatMap(({ outputs }) => outputs ?? []);
const kinds = (path: string) =>
  outputsOf(path).map(({ output_type, data = {} }) => `${output_type} ${Object.keys(data).sort()}`);
const texts = (path: string) => outputsOf(path).map(({ data }) => [data?.["text/plain"] ?? ""].flat().join(""));

/** What the notebook teaches, as its cells tell it. */
function check(path: string): void {
  const told = texts(path).join("\n");
  const times = Number(/times as much +([\d.]+)/.exec(told)?.[1]);
  expect(times, "training keeps what inference lets go").toBeGreaterThan(4);
  const [mhsa, fastformer] = ["mhsa", "fastformer"].map((mixer) => {
    const last = new RegExp(`a training step: .*?\\b${mixer} ([\\d.,]*\\d)`).exec(told)?.[1];
    return Number(last?.replace(/,/g, ""));
  });
  expect(mhsa / fastformer, `the square, at 160 s, in: ${told}`).toBeGreaterThan(5);
  expect(told).toMatch(/At the peak: .*at once/);
  expect(told).toMatch(/20 s, growth of RSS +.* MiB/);
}

test("the notebook about memory runs to its end, and what it says holds", () => {
  const python = join(root, ".venv", "bin", "python");
  const program = join(root, "kernel", "setup", "run_notebook.py");
  execFileSync(python, [program, notebook, folder], {
    env: { ...process.env, JUPYTER_DATA_DIR: join(folder, "jupyter") },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const executed = join(folder, "03-memory.ipynb");
  check(executed);
  const isShown = (kind: string) => !kind.startsWith("display_data"); // a progress bar comes only where it takes long
  expect(kinds(executed).filter(isShown)).toEqual(kinds(notebook).filter(isShown));
}, 600_000);

test("the notebook about memory is saved with what its cells gave, and small", () => {
  check(notebook);
  expect(outputsOf(notebook).some(({ output_type }) => output_type === "error")).toBe(false);
  expect(readFileSync(notebook).byteLength).toBeLessThan(3e6);
});
