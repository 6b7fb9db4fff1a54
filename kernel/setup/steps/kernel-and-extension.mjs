// Puts the kernelspec and the JupyterLab extension into `.venv`, where JupyterLab finds them, and our drawing of PDFs,
// where nbconvert does.
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../command.mjs";
import { hash, readStamp, writeStamp } from "../stamp.mjs";
import { sourcesHash } from "./build.mjs";

/** @param {import("../setup.mjs").Context} context @returns {import("../setup.mjs").Step} */
export const kernelAndExtension = (context) => {
  const venv = join(context.root, ".venv");
  const share = join(venv, "share", "jupyter");
  const stamp = join(share, "bestrq-made-from");
  const wanted = async () => hash(await sourcesHash(context.root), context.root, process.execPath);
  return {
    title: "kernel and extension in JupyterLab",
    megabytes: 10,
    upToDate: async () => (await readStamp(stamp)) === (await wanted()),
    async make() {
      await rm(stamp, { force: true });
      const bestrq = [process.execPath, join(context.root, "kernel", "dist", "cli.js")];
      const install = [...bestrq, "install", "--prefix", venv];
      await run(context, "install the kernel into JupyterLab", install, { log: "kernel" });
      await copyExtension(join(context.root, "extension", "labextension"), join(share, "labextensions"));
      await configureNbconvert(join(venv, "etc", "jupyter"), bestrq);
      await writeStamp(stamp, await wanted());
    },
  };
};

async function copyExtension(source, labextensions) {
  const target = join(labextensions, "bestrq-labextension");
  const unfinished = join(labextensions, ".bestrq-labextension");
  await mkdir(labextensions, { recursive: true });
  await rm(unfinished, { recursive: true, force: true });
  await cp(source, unfinished, { recursive: true });
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
}

// LaTeX takes no SVG: nbconvert asks a command for PDFs, by default Inkscape, which few have.
async function configureNbconvert(folder, bestrq) {
  const command = [...bestrq, "figures", "convert", "{from_filename}", "{to_filename}"];
  await mkdir(folder, { recursive: true });
  const settings = { SVG2PDFPreprocessor: { command } };
  await writeFile(join(folder, "jupyter_nbconvert_config.json"), `${JSON.stringify(settings, null, 2)}\n`);
}
