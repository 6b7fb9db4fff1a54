import { CudaPoolProbe } from "bestrq/device/cudaPool";
import { openNative } from "bestrq/device/native";
import { afterAll, beforeEach, expect, test } from "vitest";
import { buildStub, setenv, twoCards } from "./stub";

const GiB = 2 ** 30;
const stub = await buildStub();
afterAll(() => stub.remove());
const pool = {
  "gpu0.pool.reserved": 6 * GiB,
  "gpu0.pool.used": GiB,
  "gpu0.pool.high": 5 * GiB,
  "gpu0.pool.high_since": 3,
};
beforeEach(() => stub.answer({ ...twoCards(42), ...pool }));

// One after another: a library that is loaded stays.
test("CudaPoolProbe asks nothing of a driver that nobody has loaded", async () => {
  const probe = new CudaPoolProbe();
  expect([await probe.sample(), probe.series, probe.notes]).toEqual([{}, [], []]);
});

test("CudaPoolProbe tells once that TensorFlow uses another allocator", async () => {
  await openNative(stub.cuda);
  const probe = new CudaPoolProbe();
  expect([await probe.sample(), await probe.sample()]).toEqual([{}, {}]);
  expect(probe.notes).toEqual([expect.stringMatching(/TF_GPU_ALLOCATOR must be cuda_malloc_async/)]);
});

test("CudaPoolProbe reads the pool of the card that TensorFlow uses, and its high-water mark", async () => {
  await setenv("TF_GPU_ALLOCATOR", "cuda_malloc_async");
  const probe = new CudaPoolProbe();
  expect(await probe.sample()).toEqual({
    "cuda0.pool.used": GiB,
    "cuda0.pool.peak": 5 * GiB,
    "cuda0.pool.reserved": 6 * GiB,
  });
  expect(probe.series.map(({ name, group }) => [name, group])).toEqual([
    ["cuda0.pool.used", "tensorflow"],
    ["cuda0.pool.peak", "tensorflow"],
    ["cuda0.pool.reserved", "tensorflow"],
  ]);
  expect(probe.series[1]!.label).toBe("CUDA pool 0 (NVIDIA A100-SXM4-40GB): most used");
  await probe.restart();
  expect((await probe.sample())["cuda0.pool.peak"]).toBe(3);
});

test.each([
  ["fails to start", { "cuda.init": 100 }, "cuInit answers CUDA's error 100"],
  ["loses its card", { "gpu0.pool.status": 46 }, "cuMemPoolGetAttribute answers CUDA's error 46"],
])("CudaPoolProbe tells once of a driver that %s", async (_, answers, words) => {
  stub.answer({ ...twoCards(42), ...pool, ...answers });
  const probe = new CudaPoolProbe();
  expect([await probe.sample(), await probe.sample()]).toEqual([{}, {}]);
  expect(probe.notes).toEqual([`TensorFlow's CUDA pool is not sampled: ${words}`]);
});
