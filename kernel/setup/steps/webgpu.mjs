// `.webgpu`: Dawn, by which the backend `webgpu` reaches the GPU. Fetched where there is a GPU that nothing else serves,
// or where it was asked for.
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, SetupError } from "../command.mjs";
import { hash, hashFiles, readStamp, writeStamp } from "../stamp.mjs";
import { npm } from "./npm-packages.mjs";

const packages = fileURLToPath(new URL("../webgpu", import.meta.url));

/**
 * Never fatal unless it was asked for: the other backends work without it.
 * @param {import("../setup.mjs").Context} context
 * @returns {import("../setup.mjs").Step | undefined} undefined where it would serve nothing
 */
export const webgpu = (context) => {
  const asked = context.add?.includes("webgpu");
  const folder = join(context.root, ".webgpu");
  if (process.env.BESTRQ_WEBGPU) return undefined; // the user's own
  if (!asked && !existsSync(folder) && !serves()) return undefined;
  const stamp = join(folder, "made-from");
  const wanted = async () => hash(await hashFiles(packages, ["."]), process.platform, process.arch);
  return {
    title: "Dawn for WebGPU in .webgpu",
    megabytes: 180,
    upToDate: async () => (await readStamp(stamp)) === (await wanted()),
    async make() {
      try {
        await fetchDawn(context, folder, await wanted());
      } catch (error) {
        if (asked || !(error instanceof SetupError)) throw error;
        return `without it, the GPU stays idle: ${error.message}`;
      }
    },
  };
};

async function fetchDawn(context, folder, stamp) {
  const work = join(context.cache, "webgpu"); // what an earlier try left there is thrown away
  await rm(work, { recursive: true, force: true });
  await mkdir(context.cache, { recursive: true });
  try {
    await cp(packages, work, { recursive: true });
    const install = [...npm(), "ci", "--prefix", work, "--ignore-scripts", "--no-audit", "--no-fund"];
    await run(context, "fetch Dawn", install, { log: "webgpu" });
    await dropOtherPlatforms(join(work, "node_modules", "webgpu", "dist"));
    await writeStamp(join(work, "made-from"), stamp);
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The package brings Dawn for five platforms. */
async function dropOtherPlatforms(folder) {
  const own = `${process.platform}-${process.platform === "darwin" ? "universal" : process.arch}`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (name !== own) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Whether there is a GPU for it. TensorFlow serves NVIDIA's better. */
function serves() {
  if (process.platform !== "linux") return true;
  if (existsSync("/proc/driver/nvidia/version") || !existsSync("/dev/dri")) return false;
  return readdirSync("/dev/dri").some((name) => name.startsWith("renderD"));
}
