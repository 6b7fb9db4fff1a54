// `.venv`: JupyterLab and its tools at pinned versions, away from the system's Python.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { run } from "../command.mjs";
import { findPython } from "../machine.mjs";
import { hash, hashFiles, readStamp, writeStamp } from "../stamp.mjs";

const execute = promisify(execFile);
const here = fileURLToPath(new URL("..", import.meta.url));
const requirements = join(here, "requirements.txt");

/** The environment's own Python. */
export const venvPython = (root) =>
  process.platform === "win32" ? join(root, ".venv", "Scripts", "python.exe") : join(root, ".venv", "bin", "python");

/** Keeps the user's own Python settings out of the environment. */
export const cleanPython = {
  PYTHONHOME: undefined,
  PYTHONPATH: undefined,
  PYTHONNOUSERSITE: "1",
  PIP_USER: "0",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PIP_NO_INPUT: "1",
};

/** @param {import("../setup.mjs").Context} context @returns {import("../setup.mjs").Step} */
export const pythonEnvironment = (context) => {
  const folder = join(context.root, ".venv");
  const stamp = join(folder, "made-from");
  const python = venvPython(context.root);
  // An environment holds absolute paths, so one in a checkout that was moved or copied is made anew.
  const wanted = async () =>
    hash(await hashFiles(here, ["requirements.txt"]), context.root, process.platform, process.arch);
  const holds = async () => {
    try {
      await execute(python, [join(here, "check_requirements.py"), requirements], {
        env: { ...process.env, ...cleanPython },
      });
      return true;
    } catch {
      return false;
    }
  };
  return {
    title: "JupyterLab in .venv",
    megabytes: 400,
    needsPython: true,
    async upToDate() {
      if (!existsSync(python)) return false;
      const found = await readStamp(stamp);
      if (found !== undefined) return found === (await wanted()) && (await starts(python));
      // Made by hand, with the right versions: taken as it is.
      if (!(await holds())) return false;
      await writeStamp(stamp, await wanted());
      return true;
    },
    async make() {
      const { program } = await findPython(context);
      await rm(folder, { recursive: true, force: true });
      const options = { log: "jupyterlab", env: cleanPython };
      await run(context, "make the Python environment .venv", [program, "-m", "venv", folder], options);
      await writeStamp(stamp, "unfinished");
      await run(
        context,
        "install JupyterLab",
        [python, "-m", "pip", "install", "--progress-bar", "off", "-r", requirements],
        options,
      );
      await writeStamp(stamp, await wanted());
    },
  };
};

async function starts(python) {
  try {
    await execute(python, ["-c", ""]);
    return true;
  } catch {
    return false;
  }
}
