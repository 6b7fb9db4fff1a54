// `.tensorflow/lib`: the two libraries of libtensorflow, out of the wheel that PyPI has for Python. The rest of it is dropped.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, SetupError } from "../command.mjs";
import { nvidiaGpu } from "../nvidia.mjs";
import { hash, readStamp, writeStamp } from "../stamp.mjs";
import { cleanPython, venvPython } from "./python-environment.mjs";

const version = "2.21.0";

/**
 * What TensorFlow 2.21 opens on an NVIDIA GPU: within the versions that `tensorflow[and-cuda]` asks for. Its libraries
 * look for these in ../nvidia/NAME/lib beside their own folder, and for ptxas and libdevice in ../nvidia/cuda_nvcc.
 */
const cuda = [
  "nvidia-cublas-cu12==12.9.3.13",
  "nvidia-cuda-cupti-cu12==12.8.90",
  "nvidia-cuda-nvcc-cu12==12.9.86",
  "nvidia-cuda-nvrtc-cu12==12.9.86",
  "nvidia-cuda-runtime-cu12==12.9.79",
  "nvidia-cudnn-cu12==9.28.0.42",
  "nvidia-cufft-cu12==11.4.1.4",
  "nvidia-curand-cu12==10.3.10.19",
  "nvidia-cusolver-cu12==11.7.5.82",
  "nvidia-cusparse-cu12==12.5.10.65",
  "nvidia-nccl-cu12==2.32.3",
  "nvidia-nvjitlink-cu12==12.9.86",
];

const manylinux = (arch) =>
  ["2_28", "2_27", "2_17", "2_12"].map((glibc) => `manylinux_${glibc}_${arch}`).concat(`manylinux2014_${arch}`);

/**
 * Which wheels serve this machine.
 * @param {{ platform: string, arch: string, gpu: boolean }} machine
 * @returns {{ wheels: string[], tags: string[], downloadMB: number, diskMB: number } | undefined} undefined: there are none
 */
export function wheelsFor({ platform, arch, gpu }) {
  if (platform === "linux" && arch === "x64") {
    const tags = manylinux("x86_64");
    if (gpu) return { wheels: [`tensorflow==${version}`, ...cuda], tags, downloadMB: 3400, diskMB: 5600 };
    return { wheels: [`tensorflow-cpu==${version}`], tags, downloadMB: 274, diskMB: 860 };
  }
  if (platform === "linux" && arch === "arm64")
    return { wheels: [`tensorflow==${version}`], tags: manylinux("aarch64"), downloadMB: 282, diskMB: 900 };
  if (platform === "darwin" && arch === "arm64")
    return { wheels: [`tensorflow==${version}`], tags: ["macosx_12_0_arm64"], downloadMB: 224, diskMB: 900 };
  return undefined;
}

/**
 * Never fatal: without libtensorflow the cells run on the wasm backend.
 * @param {import("../setup.mjs").Context} context @returns {Promise<import("../setup.mjs").Step>}
 */
export const tensorflow = async (context) => {
  const folder = join(context.root, ".tensorflow");
  const stamp = join(folder, "made-from");
  const { usable: gpu, remark } = await nvidiaGpu();
  const wheels = wheelsFor({ platform: process.platform, arch: process.arch, gpu });
  const wanted = hash(...(wheels?.wheels ?? []), ...(wheels?.tags ?? []));
  const title = gpu ? "libtensorflow for the NVIDIA GPU in .tensorflow" : "libtensorflow in .tensorflow";
  return {
    title,
    megabytes: wheels ? wheels.downloadMB + wheels.diskMB : 0,
    async upToDate() {
      if (process.env.BESTRQ_TENSORFLOW) return true; // the user's own
      return (await readStamp(stamp)) === wanted;
    },
    async make(progress) {
      try {
        if (!wheels || !(await runsWheels())) throw new SetupError("TensorFlow publishes no library for this machine");
        await fetchLibraries(context, folder, wheels, wanted, progress);
        return remark && `for the CPU: ${remark}`;
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        return `without it, as cells run on the slower wasm backend too: ${error.message}`;
      }
    },
  };
};

async function fetchLibraries(context, folder, { wheels, tags, downloadMB }, wanted, progress) {
  const work = join(context.cache, "tensorflow"); // what an earlier try left there is thrown away
  await rm(work, { recursive: true, force: true });
  await rm(`${work}-old`, { recursive: true, force: true });
  for (const part of ["wheels", "temporary", "libraries"]) await mkdir(join(work, part), { recursive: true });
  const timer = setInterval(async () => {
    progress(`${Math.min(downloadMB, Math.round(await folderMegabytes(work)))} of ${downloadMB} MB fetched`);
  }, 500);
  const python = venvPython(context.root);
  // Any Python's wheel will do, as the libraries know nothing of Python.
  const download = [
    python,
    "-m",
    "pip",
    "download",
    "--progress-bar",
    "off",
    "--no-cache-dir",
    "--retries",
    "2",
    "--no-deps",
  ];
  const choice = [
    "--only-binary=:all:",
    "--implementation",
    "cp",
    "--python-version",
    "3.12",
    ...tags.flatMap((tag) => ["--platform", tag]),
  ];
  const options = { log: "tensorflow", env: { ...cleanPython, TMPDIR: join(work, "temporary") } };
  try {
    await run(context, "fetch libtensorflow", [...download, ...choice, "-d", join(work, "wheels"), ...wheels], options);
    clearInterval(timer);
    progress("unpacking");
    const unpack = fileURLToPath(new URL("../unpack_libraries.py", import.meta.url));
    await run(context, "unpack libtensorflow", [python, unpack, join(work, "wheels"), join(work, "libraries")], {
      ...options,
      log: "tensorflow-unpack",
    });
    await writeStamp(join(work, "libraries", "made-from"), wanted);
    if (existsSync(folder)) await rename(folder, `${work}-old`);
    await rename(join(work, "libraries"), folder);
  } finally {
    clearInterval(timer);
    await rm(work, { recursive: true, force: true });
    await rm(`${work}-old`, { recursive: true, force: true });
  }
}

/** The wheels for Linux want glibc and, on x86-64, AVX. */
async function runsWheels() {
  if (process.platform !== "linux") return true;
  const glibc = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].some(existsSync);
  return glibc && (process.arch !== "x64" || / avx /.test(await readFile("/proc/cpuinfo", "utf8")));
}

async function folderMegabytes(folder) {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile())
      bytes += (await stat(join(entry.parentPath ?? entry.path, entry.name)).catch(() => ({ size: 0 }))).size;
  }
  return bytes / 1e6;
}
