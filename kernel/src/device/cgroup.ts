// The group of processes that the system holds to a limit: a container, a Slurm job, a systemd slice. Linux alone has them.
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";

/** Files of the cgroup that this process is in. */
export interface Cgroup {
  readonly version: 1 | 2;
  /** The least limit of the group and those around it (bytes); none where only the machine's memory bounds it. */
  readonly limit?: number;
  /** Bytes in use by all processes of the group, without file cache that the system drops first. */
  used(): number | undefined;
}

const files = {
  1: { limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes", cache: /^total_inactive_file (\d+)$/m },
  2: { limit: "memory.max", used: "memory.current", cache: /^inactive_file (\d+)$/m },
} as const;

/** Finds the group that accounts for this process's memory, if any. `root` holds `/proc` and `/sys`, for tests. */
export function findCgroup(root = "/"): Cgroup | undefined {
  const lines = read(join(root, "proc/self/cgroup"))?.trim().split("\n") ?? [];
  const fields = lines.map((line) => line.split(":"));
  const v1 = fields.find(([, controllers]) => controllers?.split(",").includes("memory"));
  const v2 = fields.find(([id, controllers]) => id === "0" && controllers === "");
  const mounts = join(root, "sys/fs/cgroup");
  if (v1) return open(1, join(mounts, "memory"), v1.slice(2).join(":"));
  return v2 ? open(2, mounts, v2.slice(2).join(":")) : undefined;
}

function open(version: 1 | 2, mount: string, path: string): Cgroup | undefined {
  const { limit, used, cache } = files[version];
  // In a container the path may be that of the machine outside, where here only the mount's own root is seen.
  const folder = [join(mount, path), mount].find((folder) => number(join(folder, used)) !== undefined);
  if (!folder) return undefined;
  const limits = ancestors(folder, mount).map((folder) => number(join(folder, limit)) ?? Number.POSITIVE_INFINITY);
  const least = Math.min(...limits);
  return {
    version,
    ...(least < totalmem() ? { limit: least } : {}), // without a limit v1 has a huge number, v2 the word "max"
    used() {
      const all = number(join(folder, used));
      const inactive = Number(cache.exec(read(join(folder, "memory.stat")) ?? "")?.[1] ?? 0);
      return all === undefined ? undefined : Math.max(0, all - inactive);
    },
  };
}

function ancestors(folder: string, mount: string): string[] {
  return folder === mount || folder.length <= mount.length ? [folder] : [folder, ...ancestors(dirname(folder), mount)];
}

function number(path: string): number | undefined {
  const text = read(path)?.trim();
  return text && /^\d+$/.test(text) ? Number(text) : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
