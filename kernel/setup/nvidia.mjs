// Whether an NVIDIA GPU is there that TensorFlow 2.21 (CUDA 12, compute capability 6.0 and later) can use.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);
const oldestDriver = 525; // of CUDA 12
const oldestCapability = 6; // Pascal

/**
 * @param {{ env?: NodeJS.ProcessEnv, proc?: string }} [machine] where to look
 * @returns {Promise<{ usable: boolean, remark?: string }>} why a GPU that is there is not used, if it is not
 */
export async function nvidiaGpu({ env = process.env, proc = "/proc/driver/nvidia/version" } = {}) {
  if (/^(-1|none)?$/i.test(env.CUDA_VISIBLE_DEVICES ?? "0")) return { usable: false }; // hidden by the user
  const cards = (await cardsBySmi(env)) ?? (await cardsByProc(proc));
  if (cards.length === 0) return { usable: false };
  const { driver } = cards[0];
  if (Number.parseInt(driver, 10) < oldestDriver)
    return { usable: false, remark: `the NVIDIA driver ${driver} is older than ${oldestDriver}, which CUDA 12 wants` };
  if (cards.every(({ capability }) => capability < oldestCapability))
    return { usable: false, remark: `the NVIDIA GPU is older than TensorFlow wants (compute capability 6.0)` };
  return { usable: true };
}

/** As the driver's own program tells; undefined where it is missing or fails. */
async function cardsBySmi(env) {
  const wsl = "/usr/lib/wsl/lib/nvidia-smi"; // not always on the PATH there
  for (const program of ["nvidia-smi", ...(existsSync(wsl) ? [wsl] : [])]) {
    try {
      const query = ["--query-gpu=driver_version,compute_cap", "--format=csv,noheader"];
      const { stdout } = await execute(program, query, { env, timeout: 30_000 });
      const lines = stdout.split("\n").filter((line) => /^\d/.test(line));
      return lines
        .map((line) => line.split(","))
        .map(([driver, capability]) => ({ driver, capability: Number(capability) }));
    } catch {
      // Not there, or it cannot talk to the driver.
    }
  }
  return undefined;
}

/** As the kernel module tells, which knows no capability. */
async function cardsByProc(proc) {
  const text = await readFile(proc, "utf8").catch(() => "");
  const driver = /\b\d{3,}\.\d+(\.\d+)?\b/.exec(text)?.[0];
  return driver ? [{ driver, capability: oldestCapability }] : [];
}
