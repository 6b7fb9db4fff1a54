// What `npm start` does: set up, then open JupyterLab, or run a notebook to its end.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError } from "./command.mjs";
import { openLab, runNotebook } from "./jupyter.mjs";
import { setUp } from "./setup.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const firstNotebook = "notebooks/00-start-here.ipynb";

const usage = `npm start                              set up, then open JupyterLab on ${firstNotebook}
npm start -- --headless [NOTEBOOK]     set up, then run the notebook to its end; results go to out/
npm start -- --setup-only              set up only
npm start -- --add webgpu              set up with Dawn, for the backend webgpu, even where no GPU is seen
npm start -- ARGUMENTS                 any other argument goes to JupyterLab, such as --no-browser or --port 9999`;

/** @param {string[]} args what follows `npm start --` @returns {Promise<number>} the exit code */
export async function main(args) {
  if (args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  try {
    if (args[0] === "--add") {
      if (args[1] !== "webgpu") throw new SetupError(`Cannot add ${args[1] ?? "nothing"}: only webgpu can be added`);
      await setUp({ root, again: "npm start -- --add webgpu", add: ["webgpu"] });
      return 0;
    }
    await setUp({ root });
    if (args[0] === "--setup-only") return 0;
    if (args[0] === "--headless") return await runNotebook(root, notebookPath(args[1] ?? firstNotebook));
    return await openLab(root, firstNotebook, args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    return error.exitCode;
  }
}

/** A path as the user typed it: relative to where npm was started, else to the checkout. */
function notebookPath(path) {
  const found = [process.env.INIT_CWD ?? ".", root].map((base) => resolve(base, path)).find(existsSync);
  if (!found) throw new SetupError(`Cannot run ${path}: there is no such notebook`);
  return found;
}
