import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { venvPython } from "../../kernel/setup/steps/python-environment.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq notebook "));
});
afterEach(() => rmSync(folder, { recursive: true }));

// In Python's own kernel: what runs notebooks must not need ours to be right.
function runCells(...sources: string[]) {
  const cells = sources.map((source) => ({
    cell_type: "code",
    source,
    metadata: {},
    outputs: [],
    execution_count: null,
  }));
  const metadata = { kernelspec: { name: "python3", display_name: "Python 3" } };
  const notebook = join(folder, "n.ipynb");
  writeFileSync(notebook, JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata, cells }));
  const script = join(root, "kernel", "setup", "run_notebook.py");
  const ran = spawnSync(venvPython(root), [script, notebook, join(folder, "out")], { encoding: "utf8" });
  const executed = JSON.parse(readFileSync(join(folder, "out", "n.ipynb"), "utf8"));
  return { ...ran, executed, figures: readdirSync(join(folder, "out", "figures")) };
}

const figure = 'from IPython.display import SVG\nSVG("<svg xmlns=\\"http://www.w3.org/2000/svg\\"/>")';

test("run_notebook.py writes the executed notebook, its page and its figures", () => {
  const { status, stdout, executed, figures } = runCells("print(6 * 7)", figure);
  expect(stdout).toContain("[2/2] from IPython.display import SVG");
  expect(executed.cells[0].outputs[0].text.join("")).toBe("42\n");
  expect(figures).toEqual(["n-02-1.svg"]);
  expect(readFileSync(join(folder, "out", "n.html"), "utf8")).toContain("42");
  expect(status).toBe(0);
});

test("run_notebook.py names the cell that failed, and keeps what came before it", () => {
  const { status, stderr, executed, figures } = runCells(figure, "1 / 0", "print('not reached')");
  expect(stderr).toContain("cell 2 of 3 (1 / 0): ZeroDivisionError: division by zero");
  expect(figures).toEqual(["n-01-1.svg"]);
  expect(executed.cells[1].outputs[0].ename).toBe("ZeroDivisionError");
  expect(executed.cells[2].outputs).toEqual([]);
  expect(status).toBe(1);
});
