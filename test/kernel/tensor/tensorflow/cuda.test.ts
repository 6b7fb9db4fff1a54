import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tellOfCuda } from "bestrq/tensor/tensorflow/cuda";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cuda-"));
  vi.stubEnv("XLA_FLAGS", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** The calls of C's setenv that it makes. */
function told(root: string): unknown[][] {
  const setenv = vi.fn();
  tellOfCuda({ func: () => setenv }, join(root, "lib", "libtensorflow_cc.so.2"));
  return setenv.mock.calls;
}

describe("tellOfCuda()", () => {
  test("says nothing to TensorFlow for the CPU", () => {
    expect(told(folder)).toEqual([]);
  });

  test("lets the memory grow unless the user decided, and shows XLA where ptxas and libdevice are", () => {
    const compiler = join(folder, "nvidia", "cuda_nvcc");
    mkdirSync(compiler, { recursive: true });
    const growth = ["TF_FORCE_GPU_ALLOW_GROWTH", "true", 0];
    expect(told(folder)).toEqual([growth, ["XLA_FLAGS", `--xla_gpu_cuda_data_dir=${compiler}`, 1]]);
    vi.stubEnv("XLA_FLAGS", "--xla_dump_to=/tmp/x");
    expect(told(folder)[1][1]).toBe(`--xla_dump_to=/tmp/x --xla_gpu_cuda_data_dir=${compiler}`);
    vi.stubEnv("XLA_FLAGS", "--xla_gpu_cuda_data_dir=/usr/local/cuda");
    expect(told(folder)).toEqual([growth]);
  });

  test("leaves a path with spaces to XLA's own search, as a flag cannot hold it", () => {
    const root = join(folder, "a checkout");
    mkdirSync(join(root, "nvidia", "cuda_nvcc"), { recursive: true });
    expect(told(root).map(([name]) => name)).toEqual(["TF_FORCE_GPU_ALLOW_GROWTH"]);
  });
});
