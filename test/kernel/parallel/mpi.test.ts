// Processes by mpirun: what they exchange, and what becomes of all when one of them ends.
import { availableParallelism, hostname } from "node:os";
import { alone, communicator } from "bestrq/parallel";
import { openMpi } from "bestrq/parallel/openMpi";
import { afterEach, expect, test, vi } from "vitest";
import { endOf, inProcesses } from "./mpirun";

afterEach(() => vi.unstubAllEnvs());

const sizes = [0, 1, 3, 7, 16, 1009, 100_003];
/** Of a process and a place; both sides compute it. */
const valueAt = (rank: number, index: number) => Math.sin(1 + 1000 * rank + index) / (1 + rank);

test.each([1, 2, 3])("sum gives %i processes the same sums, bit for bit", async (processes) => {
  const told = (await inProcesses(
    processes,
    `const valueAt = ${valueAt};
    const arrays = [Float32Array, Float64Array].flatMap((Type) =>
      ${JSON.stringify(sizes)}.map((size) => Type.from({ length: size }, (_, index) => valueAt(rank, index))));
    for (const array of arrays) await communicator.sum(array);
    const hash = require("node:crypto").createHash("sha256");
    for (const array of arrays) hash.update(array);
    tell({ bits: hash.digest("hex"), values: arrays.map((array) => [...array.slice(-7)]) });`,
  )) as { bits: string; values: number[][] }[];
  expect(told.map(({ bits }) => bits)).toEqual(Array(processes).fill(told[0].bits));
  const ranks = Array.from({ length: processes }, (_, rank) => rank);
  const expected = (size: number) =>
    Array.from({ length: Math.min(size, 7) }, (_, index) => {
      const place = Math.max(0, size - 7) + index;
      return ranks.reduce((sum, rank) => sum + valueAt(rank, place), 0);
    });
  for (const [index, values] of told[0].values.entries()) {
    const digits = index < sizes.length ? 6 : 14;
    for (const [place, value] of expected(sizes[index % sizes.length]).entries()) {
      expect(values[place]).toBeCloseTo(value, digits);
    }
    expect(values.length).toBe(Math.min(sizes[index % sizes.length], 7));
  }
}); // 32 bits hold 7 digits of sums below 2

test("calls that nobody awaits come in order; a broadcast comes from its root; garbage is collected meanwhile", async () => {
  const told = await inProcesses(
    3,
    `require("node:v8").setFlagsFromString("--expose-gc");
    const collect = require("node:vm").runInNewContext("gc");
    const collecting = setInterval(collect, 1);
    const sums = Array.from({ length: 50 }, (_, index) => new Float32Array(index).fill(rank + index));
    const bytes = Uint8Array.of(rank, 10 * rank, 100 * rank);
    const all = sums.map((values) => communicator.sum(values));
    all.push(communicator.broadcast(bytes, 2), communicator.barrier(), communicator.broadcast(new Uint8Array(0)));
    await Promise.all(all);
    clearInterval(collecting);
    tell([sums.every((values, index) => values.every((value) => value === 3 + 3 * index)), ...bytes]);`,
  );
  expect(told).toEqual(Array(3).fill([true, 2, 20, 200]));
});

test("processes divide the cores, unless BESTRQ_THREADS is set", async () => {
  const tellThreads = "tell(process.env.BESTRQ_THREADS);";
  const share = String(Math.max(1, Math.floor(availableParallelism() / 2)));
  expect(await inProcesses(2, tellThreads, { BESTRQ_THREADS: undefined })).toEqual([share, share]);
  expect(await inProcesses(2, tellThreads, { BESTRQ_THREADS: "5" })).toEqual(["5", "5"]);
});

const waits = "await communicator.sum(new Float64Array(5))";
const ends = /rank 1 of 3 on (\S+) ends the run: (.*)/;
test.each([
  ["throws", "throw new Error('no more batches')", waits, "Error: no more batches"],
  ["ends with an exit code", "process.exit(3)", waits, "its exit code is 3"],
  ["ends before the others", "process.exit(0)", waits, "it ended without close()"],
  [
    "throws while it exchanges",
    `setTimeout(() => { throw new Error("late"); }, 50); ${waits}`,
    "await new Promise((resolve) => setTimeout(resolve, 60_000))",
    "Error: late",
  ],
  [
    "exchanges something else",
    "await communicator.sum(new Float64Array(3))",
    waits,
    "Error: Cannot sum: MPI says MPI_ERR_TRUNCATE: message truncated",
  ],
])("a process that %s ends all, and is named", async (_, code, others, reason) => {
  const end = await endOf(3, `if (rank === 1) { ${code} } else ${others};`);
  expect(end.code).not.toBe(0);
  expect(ends.exec(end.stderr)?.slice(1)).toEqual([hostname(), reason]);
});

test("a process that is killed ends all, and mpirun names it", async () => {
  const end = await endOf(
    3,
    `if (rank === 1) process.kill(process.pid, "SIGKILL"); else await communicator.barrier();`,
  );
  expect(end.code).not.toBe(0);
  expect(end.stderr).toMatch(/process rank 1 with PID \d+ on node \S+ exited on signal 9/);
});

test("one process alone has nothing to exchange", async () => {
  vi.stubEnv("OMPI_COMM_WORLD_SIZE", undefined);
  vi.stubEnv("PMIX_RANK", undefined);
  expect(await communicator()).toBe(alone);
  const values = Float32Array.of(1, 2, 3);
  await alone.sum(values);
  await alone.broadcast(Uint8Array.of(1));
  await alone.barrier();
  expect([...values]).toEqual([1, 2, 3]);
  expect(() => alone.abort("enough")).toThrow("enough");
});

test("errors say what is missing", async () => {
  await expect(openMpi("libnowhere.so.40")).rejects.toThrow(
    /^Cannot use MPI: libnowhere.so.40 does not load \(.*\)\. .*sudo apt install openmpi-bin libopenmpi3$/,
  );
  vi.stubEnv("OMPI_COMM_WORLD_SIZE", undefined);
  vi.stubEnv("PMIX_RANK", undefined);
  vi.stubEnv("SLURM_STEP_NUM_TASKS", "4");
  await expect(communicator()).rejects.toThrow(
    "Cannot join other processes: srun started 4 of them without PMIx, and none knows of the others. " +
      "Start them by mpirun -n, or by srun --mpi=pmix",
  );
});
