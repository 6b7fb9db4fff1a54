import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileNameOf, machine } from "bestrq/bench/machine";
import { expect, test } from "vitest";

test("machine: counts cores, names the graphics cards and their driver", () => {
  const proc = mkdtempSync(join(tmpdir(), "proc-"));
  const thread = (id: number, core: number) => `processor\t: ${id}\nphysical id\t: 0\ncore id\t\t: ${core}\n`;
  writeFileSync(
    join(proc, "cpuinfo"),
    [thread(0, 0), thread(1, 1), thread(2, 0), thread(3, 1), "flags\t\t: fpu avx avx2\n"].join("\n"),
  );
  mkdirSync(join(proc, "driver/nvidia/gpus/0000:01:00.0"), { recursive: true });
  writeFileSync(join(proc, "driver/nvidia/gpus/0000:01:00.0/information"), "Model: \t\t NVIDIA A100\nIRQ: 1\n");
  writeFileSync(
    join(proc, "driver/nvidia/version"),
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n",
  );
  expect(machine(proc)).toMatchObject({ cores: 2, simd: "AVX2", gpu: "NVIDIA A100", gpu_driver: "550.54.15" });
  rmSync(proc, { recursive: true });
});

test("machine: where the system tells nothing, it knows less", () => {
  expect(Object.keys(machine("/nowhere"))).toEqual(["cpu", "threads", "memory_gib", "system"]);
});

test("fileNameOf: the processor's name without marks and clock rates, nothing of the host's", () => {
  const about = { memory_gib: 8, system: "linux x64" };
  expect(fileNameOf({ ...about, cpu: "AMD EPYC", threads: 2 })).toBe("amd-epyc-2-threads");
  expect(fileNameOf({ ...about, cpu: "AMD EPYC", simd: "AVX-512", threads: 2 })).toBe("amd-epyc-avx-512-2-threads");
  expect(fileNameOf({ ...about, cpu: "Apple M3", threads: 8, gpu: "NVIDIA A100" })).toBe(
    "apple-m3-8-threads-nvidia-a100",
  );
  expect(JSON.stringify(machine())).not.toContain(hostname());
});
