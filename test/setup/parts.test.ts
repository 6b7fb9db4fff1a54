import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { explain } from "../../kernel/setup/command.mjs";
import { withLock } from "../../kernel/setup/lock.mjs";
import { checkSpace } from "../../kernel/setup/machine.mjs";
import { nvidiaGpu } from "../../kernel/setup/nvidia.mjs";
import { hashFiles, readStamp, writeStamp } from "../../kernel/setup/stamp.mjs";
import { wheelsFor } from "../../kernel/setup/steps/tensorflow.mjs";

const setup = fileURLToPath(new URL("../../kernel/setup/", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq setup "));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("checkSpace() says how much is missing", () => {
  const context = { root: folder, cache: folder, again: "npm start" };
  expect(() => checkSpace(context, 2000, 3000)).not.toThrow();
  expect(() => checkSpace(context, 3000, 2000)).toThrow(/must have 3.0 GB free, got 2.0 GB; make room for 1.0 GB more/);
});

test("explain() tells the network, the disk and permissions from other trouble", () => {
  expect(explain("npm error code EAI_AGAIN")).toContain("the network did not answer");
  expect(explain("OSError: [Errno 28] No space left on device")).toContain("the disk is full");
  expect(explain("npm error EACCES: permission denied, mkdir '/x'")).toContain("mkdir '/x'");
  expect(explain("npm error code EUSAGE\nnpm error\nnpm error Out of sync.")).toBe("Out of sync; put that right");
  expect(explain("src/a.ts(1,1): error TS1: Bad.\nnpm error command sh -c tsc")).toContain("error TS1: Bad;");
});

test("hashFiles() changes with a file's name and content, not with what is skipped", async () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const skip = new Set(["made"]);
  const hash = () => hashFiles(folder, ["."], skip);
  write("a", "1");
  const first = await hash();
  write("made", "1");
  expect(await hash()).toBe(first);
  write("a", "2");
  const second = await hash();
  expect(second).not.toBe(first);
  write("b", "");
  expect(await hash()).not.toBe(second);
});

test("a stamp reads as written, and is undefined where there is none", async () => {
  const file = join(folder, "stamp");
  expect(await readStamp(file)).toBeUndefined();
  await writeStamp(file, "made from this");
  expect(await readStamp(file)).toBe("made from this");
});

test("withLock() lets one in at a time", async () => {
  let inside = 0;
  let most = 0;
  const body = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside--;
  };
  const lock = join(folder, "lock");
  await Promise.all([1, 2, 3].map(() => withLock(lock, () => {}, body)));
  expect(most).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test("withLock() takes over from a process that is gone, and from one silent for more than a minute", async () => {
  const lock = join(folder, "lock");
  const gone = execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).trim();
  writeFileSync(lock, JSON.stringify({ pid: Number(gone), host: hostname() }));
  expect(
    await withLock(
      lock,
      () => {},
      async () => "mine",
    ),
  ).toBe("mine");

  writeFileSync(lock, JSON.stringify({ pid: process.pid, host: "another machine" }));
  const minutesAgo = Date.now() / 1000 - 61;
  utimesSync(lock, minutesAgo, minutesAgo);
  expect(
    await withLock(
      lock,
      () => {},
      async () => "mine",
    ),
  ).toBe("mine");
});

test("wheelsFor() has CUDA on a GPU only, and nothing for machines without a library", () => {
  expect(wheelsFor({ platform: "linux", arch: "x64", gpu: false })?.wheels).toEqual(["tensorflow-cpu==2.21.0"]);
  expect(wheelsFor({ platform: "linux", arch: "x64", gpu: true })?.wheels).toContain("nvidia-cudnn-cu12==9.28.0.42");
  expect(wheelsFor({ platform: "darwin", arch: "arm64", gpu: false })?.wheels).toEqual(["tensorflow==2.21.0"]);
  expect(wheelsFor({ platform: "win32", arch: "x64", gpu: false })).toBeUndefined();
});

test("unpack_libraries.py takes the libraries out of the wheels, lays CUDA beside them, and drops the wheels", () => {
  const [wheels, target] = [join(folder, "wheels"), join(folder, "target")];
  mkdirSync(wheels);
  const files = {
    "tensorflow.whl": [
      "tensorflow/libtensorflow_cc.so.2",
      "tensorflow/libtensorflow_framework.so.2",
      "tensorflow/python/x.so",
    ],
    "nvidia.whl": ["nvidia/cudnn/lib/libcudnn.so.9", "nvidia/cudnn/include/cudnn.h", "nvidia/cuda_nvcc/bin/ptxas"],
  };
  const zip =
    "import json, sys, zipfile\nfor name, entries in json.loads(sys.argv[2]).items():\n with zipfile.ZipFile(sys.argv[1] + '/' + name, 'w') as z: [z.writestr(e, e) for e in entries]";
  execFileSync("python3", ["-c", zip, wheels, JSON.stringify(files)]);
  execFileSync("python3", [join(setup, "unpack_libraries.py"), wheels, target]);
  const found = execFileSync("find", [".", "-type", "f"], { cwd: target, encoding: "utf8" }).trim().split("\n").sort();
  expect(found).toEqual([
    "./lib/libtensorflow_cc.so.2",
    "./lib/libtensorflow_framework.so.2",
    "./nvidia/cuda_nvcc/bin/ptxas",
    "./nvidia/cudnn/lib/libcudnn.so.9",
  ]);
  expect(readFileSync(join(target, "lib/libtensorflow_cc.so.2"), "utf8")).toBe("tensorflow/libtensorflow_cc.so.2");
  expect(existsSync(join(wheels, "tensorflow.whl"))).toBe(false);
});

describe("nvidiaGpu()", () => {
  const smi = (lines: string) => {
    writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    return { env: { PATH: `${folder}:/bin:/usr/bin` }, proc: join(folder, "version") };
  };

  test("takes what nvidia-smi lists", async () => {
    expect(await nvidiaGpu(smi("echo 550.54.15, 8.9; echo 550.54.15, 5.2"))).toEqual({ usable: true });
    expect(await nvidiaGpu(smi("echo 525.60.13, 6.0"))).toEqual({ usable: true });
    expect(await nvidiaGpu(smi("echo No devices were found"))).toEqual({ usable: false });
  });

  test("leaves a driver or a card that is too old, and says so", async () => {
    expect(await nvidiaGpu(smi("echo 470.256.02, 7.5"))).toEqual({
      usable: false,
      remark: "the NVIDIA driver 470.256.02 is older than 525, which CUDA 12 wants",
    });
    const { usable, remark } = await nvidiaGpu(smi("echo 535.104.05, 5.2"));
    expect([usable, remark]).toEqual([false, expect.stringContaining("compute capability 6.0")]);
  });

  test("asks the kernel module where nvidia-smi is missing or fails", async () => {
    const machine = smi("exit 9");
    expect(await nvidiaGpu(machine)).toEqual({ usable: false });
    writeFileSync(
      machine.proc,
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n",
    );
    expect(await nvidiaGpu(machine)).toEqual({ usable: true });
  });

  test("leaves cards that CUDA_VISIBLE_DEVICES hides, not those that it chooses", async () => {
    const { env, proc } = smi("echo 550.54.15, 9.0");
    const chosen = async (CUDA_VISIBLE_DEVICES: string) =>
      (await nvidiaGpu({ env: { ...env, CUDA_VISIBLE_DEVICES }, proc })).usable;
    expect(await Promise.all(["", "-1", "none"].map(chosen))).toEqual([false, false, false]);
    expect(await Promise.all(["0", "1,0", "MIG-c6d4f1ef-42e4"].map(chosen))).toEqual([true, true, true]);
  });
});
