// The notebook about what five mixers do with time: run from top to bottom as `jupyter` would, without a browser.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

interface Output {
  output_type: string;
  data?: Record<string, string | string[]>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const notebook = join(root, "notebooks", "02-mixers.ipynb");
const folder = mkdtempSync(join(tmpdir(), "mixers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const outputsOf = (path: string) =>
  (JSON.parse(readFileSync(path, "utf8")) as { cells: { outputs?: Output[] }[] }).cells.map(
    ({ outputs = [] }) => outputs,
  );
/** What kind of figures each cell shows; progress bars come only where something takes long. */
const kinds = (path: string) =>
  outputsOf(path).map((outputs) =>
    outputs.flatMap(({ data = {} }) => Object.keys(data).filter((type) => type.includes("bestrq."))).sort(),
  );

test("the notebook about mixers runs to its end and shows the figures that it was saved with", () => {
  const program = join(root, "kernel", "setup", "run_notebook.py");
  execFileSync(join(root, ".venv", "bin", "python"), [program, notebook, folder], {
    env: { ...process.env, JUPYTER_DATA_DIR: join(folder, "jupyter") },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const executed = join(folder, "02-mixers.ipynb");
  expect(kinds(executed)).toEqual(kinds(notebook));
  const texts = outputsOf(executed)
    .flat()
    .map(({ data }) => [data?.["text/plain"] ?? ""].flat().join(""));
  for (const mixer of ["mhsa", "hypermixing", "fastformer", "summarymixing", "mamba"])
    expect(texts.some((text) => text.includes(mixer))).toBe(true);
}, 900_000);
