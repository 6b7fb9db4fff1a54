// A trace that grows in the browser while its cell runs in the real kernel.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startJupyterLab } from "./jupyterlab";

const source = `import { figures } from "bestrq";
const trace = new figures.LiveTrace({ title: "live" });
figures.display(trace);
let liveBytes = 1000;
for (let step = 0; step < 60; step++) {
  liveBytes += 808;
  const tensor = { op: "MatMul", layer: "encoder.0", phase: "forward", shape: [2, 101], dtype: "float32" };
  trace.append([{ timeUs: step * 100, deltaBytes: 808, liveBytes, ...tensor }]);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
trace.finish();`;

let lab: Lab;
beforeAll(async () => {
  lab = await startJupyterLab({
    "live.ipynb": {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: "bestrq", display_name: "TypeScript (BEST-RQ)", language: "typescript" } },
      cells: [{ cell_type: "code", id: "live", execution_count: null, metadata: {}, outputs: [], source }],
    },
  });
});
afterAll(() => lab?.close());

test("a live trace grows while its cell runs, and the saved notebook holds all of it", async () => {
  const page = await lab.open("live.ipynb", { kernel: true });
  const command = (name: string) =>
    page.evaluate((id) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: { commands: { execute(id: string): Promise<unknown> } };
      };
      return jupyterapp.commands.execute(id);
    }, name);
  const finished = command("notebook:run-all-cells");

  const seen = await page.waitForFunction(() => {
    const kept = window as unknown as { seen?: Set<string> };
    kept.seen ??= new Set();
    const figure = document.querySelector<HTMLElement>(".bestrq-figure[data-live=true][data-events]");
    if (figure) kept.seen.add(figure.dataset.events!);
    return kept.seen.size >= 5 && [...kept.seen].map(Number);
  });
  const counts = (await seen.jsonValue()) as number[];
  expect(counts).toEqual([...counts].sort((a, b) => a - b));

  await finished;
  await page.waitForSelector(".bestrq-figure[data-live=false][data-events='60']");
  await command("docmanager:save");
  const { cells } = JSON.parse(await readFile(join(lab.folder, "live.ipynb"), "utf8"));
  const stored = [cells[0].outputs[0].data["application/vnd.bestrq.memory.v1+arrow"]].flat().join("");
  const table = tableFromIPC(Buffer.from(stored, "base64"));
  expect(table.numRows).toBe(60);
  expect(table.schema.metadata.has("live")).toBe(false);
  await page.close();
});
