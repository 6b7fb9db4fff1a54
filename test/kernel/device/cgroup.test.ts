import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findCgroup } from "bestrq/device/cgroup";
import { afterEach, beforeEach, expect, test } from "vitest";

const MiB = 2 ** 20;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bestrq-cgroup-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string | number>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
}
const found = () => {
  const cgroup = findCgroup(root);
  return cgroup && { version: cgroup.version, limit: cgroup.limit, used: cgroup.used() };
};

test("findCgroup() reads version 2, with the least limit of the groups around", () => {
  const group = "sys/fs/cgroup/user.slice/job";
  write({
    "proc/self/cgroup": "0::/user.slice/job",
    [`${group}/memory.current`]: 700 * MiB,
    [`${group}/memory.max`]: "max",
    [`${group}/memory.stat`]: `anon 1\ninactive_file ${200 * MiB}\nactive_file 5`,
    "sys/fs/cgroup/user.slice/memory.max": 800 * MiB,
    "sys/fs/cgroup/memory.max": 900 * MiB,
  });
  expect(found()).toEqual({ version: 2, limit: 800 * MiB, used: 500 * MiB });
});

test("findCgroup() reads version 1, beside a version 2 that does not account for memory", () => {
  write({
    "proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/slurm/uid_7/job_11\n0::/",
    "sys/fs/cgroup/memory/slurm/uid_7/job_11/memory.usage_in_bytes": 300 * MiB,
    "sys/fs/cgroup/memory/slurm/uid_7/job_11/memory.limit_in_bytes": 2 ** 63 - 4096,
    "sys/fs/cgroup/memory/slurm/uid_7/job_11/memory.stat": `inactive_file 1\ntotal_inactive_file ${100 * MiB}`,
    "sys/fs/cgroup/memory/slurm/memory.limit_in_bytes": 512 * MiB,
  });
  expect(found()).toEqual({ version: 1, limit: 512 * MiB, used: 200 * MiB });
});

test("findCgroup() takes the mount's own root where the path is that of the machine outside", () => {
  write({
    "proc/self/cgroup": "4:memory:/docker/0123456789ab",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": 30 * MiB,
    "sys/fs/cgroup/memory/memory.limit_in_bytes": 64 * MiB,
  });
  expect(found()).toEqual({ version: 1, limit: 64 * MiB, used: 30 * MiB });
});

test("findCgroup() knows of no limit where there is none but the machine's memory", () => {
  write({ "proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.current": MiB, "sys/fs/cgroup/memory.max": "max" });
  expect(found()).toEqual({ version: 2, limit: undefined, used: MiB });
});

test.each([[{}], [{ "proc/self/cgroup": "0::/init.scope" }], [{ "proc/self/cgroup": "nonsense" }]])(
  "findCgroup() finds nothing in %j",
  (files) => {
    write(files);
    expect(found()).toBeUndefined();
  },
);
