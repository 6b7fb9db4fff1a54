// What the machine must have before anything is fetched: a place to write, Python with venv, room on the disk.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, statfs, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { SetupError } from "./command.mjs";

const execute = promisify(execFile);

/** Makes the folder for logs and work in progress; the first thing that fails in a checkout that cannot be written. */
export async function makeWorkFolder(context) {
  try {
    await mkdir(context.cache, { recursive: true });
    await writeFile(join(context.cache, ".gitignore"), "*\n");
  } catch (error) {
    throw new SetupError(
      `Cannot write to ${context.root}: ${error.code}; clone into a folder of your own and run \`${context.again}\` there`,
    );
  }
}

/** @param {import("./setup.mjs").Context} context @param {import("./setup.mjs").Step[]} steps */
export async function checkMachine(context, steps) {
  const todo = [];
  for (const step of steps) if (!(await step.upToDate())) todo.push(step);
  const remarks = [`Node ${process.versions.node}`];
  if (todo.some((step) => step.needsPython)) remarks.push(`Python ${(await findPython(context)).version}`);
  const need = todo.reduce((sum, step) => sum + step.megabytes, 0);
  const free = await freeMegabytes(context.root);
  checkSpace(context, need, free);
  remarks.push(`${gigabytes(free)} free`);
  if (need > 0) remarks.push(`at most ${gigabytes(need)} needed`);
  return remarks.join(", ");
}

/** @throws {SetupError} if the disk has less room than the steps to come need */
export function checkSpace(context, need, free) {
  if (free >= need) return;
  throw new SetupError(
    `Cannot set up: the disk must have ${gigabytes(need)} free, got ${gigabytes(free)}; make room for ${gigabytes(need - free)} more and run \`${context.again}\` again`,
  );
}

async function freeMegabytes(path) {
  const { bavail, bsize } = await statfs(path);
  return (bavail * bsize) / 1e6;
}

const gigabytes = (megabytes) => `${(megabytes / 1000).toFixed(1)} GB`;

const probe = `import json, sys
missing = []
for name in ("venv", "ensurepip"):
    try: __import__(name)
    except ImportError: missing.append(name)
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "old": sys.version_info < (3, 10), "missing": missing}))`;

/**
 * The Python to make the environment with: the first on the PATH that is new enough and has venv.
 * @returns {Promise<{ program: string, version: string }>}
 */
export async function findPython(context) {
  const newest = ["3.14", "3.13", "3.12", "3.11", "3.10"].map((version) => `python${version}`);
  const seen = [];
  for (const program of ["python3", "python", ...newest]) {
    try {
      const { stdout } = await execute(program, ["-c", probe], { cwd: context.root });
      const found = { program, ...JSON.parse(stdout) };
      if (!found.old && found.missing.length === 0) return found;
      seen.push(found);
    } catch {
      // Not there, or not a Python.
    }
  }
  const found = seen.find((python) => !python.old) ?? seen[0];
  if (!found)
    throw new SetupError(
      `Cannot set up: Python 3.10 or newer is not on the PATH; ${adds("python3 python3-venv")} and run \`${context.again}\` again`,
    );
  if (found.old) {
    throw new SetupError(
      `Cannot set up: Python must be 3.10 or newer, got ${found.version} (${found.program}); ${adds("python3.12 python3.12-venv")} and run \`${context.again}\` again`,
    );
  }
  throw new SetupError(
    `Cannot set up: Python ${found.version} (${found.program}) lacks its module ${found.missing.join(" and ")}; ${adds(`python${found.version.replace(/\.\d+$/, "")}-venv`)} and run \`${context.again}\` again`,
  );
}

/** The command that adds a Debian package or its like, on this platform. */
function adds(packages) {
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const python = packages.split(" ")[0].replace("-venv", "");
  if (process.platform === "darwin") return `run \`brew install ${python}\``;
  if (process.platform === "win32") return "install Python from python.org";
  if (onPath("apt-get")) return `run \`${sudo}apt install ${packages}\``;
  if (onPath("dnf")) return `run \`${sudo}dnf install ${python}\``;
  if (onPath("pacman")) return `run \`${sudo}pacman -S python\``;
  if (onPath("apk")) return `run \`${sudo}apk add python3\``;
  if (onPath("zypper")) return `run \`${sudo}zypper install ${python}\``;
  return `install ${packages}`;
}

/** @returns {string | undefined} where a program is on the PATH */
export function onPath(program) {
  const names = process.platform === "win32" ? [`${program}.exe`, `${program}.cmd`] : [program];
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
}
