// Makes a notebook out of the template, beside what the file browser shows.
import type { Contents } from "@jupyterlab/services";
import { experiment } from "./template";
import { trans } from "./translation";

/** Makes the notebook in a folder. @returns its path @throws Error where it cannot be written */
export async function newExperiment(contents: Contents.IManager, folder: string): Promise<string> {
  const exists = (path: string) =>
    contents.get(path, { content: false }).then(
      () => true,
      () => false,
    );
  const speech = await speechFrom(folder, exists);
  const stem = trans.__("experiment");
  let name = `${stem}.ipynb`;
  for (let number = 2; await exists(join(folder, name)); number++) name = `${stem}-${number}.ipynb`;
  const content = experiment(speech);
  const saved = await contents.save(join(folder, name), { type: "notebook", format: "json", content });
  return saved.path;
}

/** The speech that comes with the laboratory, as seen from the folder: in it, or in one above it. */
async function speechFrom(folder: string, exists: (path: string) => Promise<boolean>): Promise<string> {
  const shipped = "data/speech";
  const parts = folder.split("/").filter(Boolean);
  for (let up = 0; up <= parts.length; up++) {
    const above = parts.slice(0, parts.length - up).join("/");
    if (await exists(join(above, shipped))) return "../".repeat(up) + shipped;
  }
  return shipped;
}

const join = (folder: string, name: string): string => (folder ? `${folder}/${name}` : name);
