// Builds the driver of stub.c, and writes what it is to answer.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openNative } from "bestrq/device/native";

type Answers = Record<string, string | number | bigint>;

export interface Stub {
  /** The folder with the libraries. */
  readonly folder: string;
  /** Full path of its libnvidia-ml.so.1. */
  readonly nvml: string;
  /** Full path of its libcuda.so.1. */
  readonly cuda: string;
  /** The file that it reads. */
  readonly script: string;
  /** From now on it answers this. */
  answer(answers: Answers): void;
  remove(): void;
}

/** Builds it. A C compiler must be there: `npm test` sees to that. */
export async function buildStub(): Promise<Stub> {
  const folder = mkdtempSync(join(tmpdir(), "bestrq-driver-"));
  const source = fileURLToPath(new URL("stub.c", import.meta.url));
  const [nvml, cuda] = ["libnvidia-ml.so.1", "libcuda.so.1"].map((name) => {
    const path = join(folder, name);
    const options = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", `-Wl,-soname,${name}`];
    execFileSync(process.env.CC ?? "cc", [...options, "-o", path, source], { stdio: "inherit" });
    return path;
  });
  const script = join(folder, "answers");
  const answer = (answers: Answers) =>
    writeFileSync(
      script,
      Object.entries(answers)
        .map(([key, value]) => `${key} ${value}\n`)
        .join(""),
    );
  await setenv("NVIDIA_STUB", script);
  return { folder, nvml: nvml!, cuda: cuda!, script, answer, remove: () => rmSync(folder, { recursive: true }) };
}

/** C's own: a library reads it, and what a thread of a test runner sets in `process.env` may be a copy. */
export async function setenv(name: string, value: string): Promise<void> {
  const libc = await openNative("libc.so.6");
  await libc.find("int setenv(const char*, const char*, int)")!(name, value, 1);
}

const GiB = 2 ** 30;

/** Two cards, the second cut into two parts; on the first this process and another one compute. */
export const twoCards = (pid: number): Answers => ({
  count: 2,
  "gpu0.name": "NVIDIA A100-SXM4-40GB",
  "gpu0.total": 40 * GiB,
  "gpu0.reserved": 611 * 2 ** 20,
  "gpu0.used": 7 * GiB,
  "gpu0.mig": 0,
  "gpu0.processes": 2,
  "gpu0.process0.pid": 7,
  "gpu0.process0.bytes": 2 * GiB,
  "gpu0.process1.pid": pid,
  "gpu0.process1.bytes": 5 * GiB,
  "gpu1.name": "NVIDIA A100-SXM4-80GB",
  "gpu1.total": 80 * GiB,
  "gpu1.used": 3 * GiB,
  "gpu1.mig": 1,
  "gpu1.processes_status": 4,
  "gpu1.mig0.name": "NVIDIA A100-SXM4-80GB MIG 3g.40gb",
  "gpu1.mig0.total": 40 * GiB,
  "gpu1.mig0.used": 2 * GiB,
  "gpu1.mig0.processes": 1,
  "gpu1.mig0.process0.pid": pid,
  "gpu1.mig0.process0.bytes": GiB,
  "gpu1.mig2.name": "NVIDIA A100-SXM4-80GB MIG 1g.10gb",
  "gpu1.mig2.total": 10 * GiB,
  "gpu1.mig2.used": GiB,
});
