// What a measurement was taken on, in words that say nothing about whose machine it is.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { join, resolve } from "node:path";

export interface Machine {
  /** Model of the processor. */
  readonly cpu: string;
  /** Widest vector instructions of an x86 processor, which its name may leave open: `AVX2`, `AVX-512`. */
  readonly simd?: string;
  /** Physical cores, where the system tells. */
  readonly cores?: number;
  /** Threads that can run at once. */
  readonly threads: number;
  readonly memory_gib: number;
  readonly system: string;
  /** Models of NVIDIA's cards, and their driver's version. */
  readonly gpu?: string;
  readonly gpu_driver?: string;
}

/** This machine. @param proc where the system tells of itself, for tests */
export function machine(proc = "/proc"): Machine {
  const threads = availableParallelism();
  const cpuinfo = existsSync(join(proc, "cpuinfo")) ? readFileSync(join(proc, "cpuinfo"), "utf8") : "";
  return {
    cpu: plainName(cpus()[0]?.model ?? "unknown processor"),
    ...(cpuinfo ? { ...simdOf(cpuinfo), cores: coresOf(cpuinfo) } : {}),
    threads,
    memory_gib: Number((totalmem() / 2 ** 30).toFixed(1)),
    system: `${platform()} ${arch()}`,
    ...nvidia(join(proc, "driver/nvidia")),
  };
}

/** What figures call it. */
export const machineName = ({ cpu, simd, threads, gpu }: Machine): string =>
  gpu ?? [cpu, simd, `${threads} threads`].filter(Boolean).join(", ");

/** A file's name for results of it: `amd-epyc-avx2-2-threads`. */
export const fileNameOf = ({ cpu, simd = "", threads, gpu = "" }: Machine): string =>
  [cpu, simd, `${threads} threads`, gpu]
    .join(" ")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** Without trade marks and clock rates. */
const plainName = (model: string): string =>
  model
    .replace(/\((R|TM|C)\)|\bCPU\b|@.*$|\b\d+-Core Processor/gi, " ")
    .replace(/\s+/g, " ")
    .trim();

function simdOf(cpuinfo: string): Pick<Machine, "simd"> {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1].split(" ") ?? [];
  const widest = [["AVX-512", "avx512f"], ["AVX2", "avx2"], ["AVX", "avx"]].find(([, flag]) => flags.includes(flag)); // biome-ignore format: one line
  return widest ? { simd: widest[0] } : {};
}

function coresOf(cpuinfo: string): number | undefined {
  const places = cpuinfo
    .split(/\n\s*\n/)
    .map((one) => ["physical id", "core id"].map((name) => new RegExp(`^${name}\\s*: (\\d+)`, "m").exec(one)?.[1]));
  const known = places.filter(([socket, core]) => socket !== undefined && core !== undefined);
  return known.length === 0 ? undefined : new Set(known.map((place) => place.join(" "))).size;
}

function nvidia(folder: string): Pick<Machine, "gpu" | "gpu_driver"> {
  try {
    const cards = readdirSync(join(folder, "gpus")).map((card) =>
      /^Model:\s*(.+)$/m.exec(readFileSync(join(folder, "gpus", card, "information"), "utf8"))?.[1].trim(),
    );
    const driver = /Kernel Module.*?\s(\d+\.[\d.]+)/.exec(readFileSync(join(folder, "version"), "utf8"))?.[1];
    return { gpu: cards.join(", "), ...(driver ? { gpu_driver: driver } : {}) };
  } catch {
    return {};
  }
}

const checkout = resolve(__dirname, "../../..");

/** Where results are kept: in the checkout; undefined where the package stands alone. */
export const resultsFolder = (): string | undefined =>
  existsSync(join(checkout, "data/README.md")) ? join(checkout, "data/results") : undefined;

/**
 * `--out FILE`, or this machine's file of that kind in the checkout: `amd-epyc-avx2-2-threads-audio.json`; undefined where
 * nothing is to be written.
 */
export function resultsPath(out: string | undefined, kind?: string): string | undefined {
  if (out === "none") return undefined;
  const folder = resultsFolder();
  const name = [fileNameOf(machine()), kind].filter(Boolean).join("-");
  return out ?? (folder && join(folder, `${name}.json`));
}

/** The commit of the checkout, with `+` where the code has been changed since. */
export function commit(): string | undefined {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: checkout, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "kernel") ? "+" : "");
  } catch {
    return undefined; // no git, or not a checkout
  }
}
