// `bestrq bench scaling`, with a network and a step that are given. Measured ones: data/results.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBench } from "bestrq/bench";
import { BestRq, configure } from "bestrq/bestrq";
import { ringTraffic, scaling } from "bestrq/parallel";
import { afterAll, afterEach, expect, test, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "bestrq-scaling-"));
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

test("bench scaling estimates 1 to 512 processes on the network that is given, and on assumed ones", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const out = join(folder, "scaling.json");
  const given = ["--latency", "1e-5", "--bandwidth", "1e9", "--step", "2", "--repeat", "1"];
  await runBench(["scaling", "--mixer", "mamba", "--size", "tiny", "--json", "--out", out, ...given]);
  const told = log.mock.calls.map(([line]) => JSON.parse(line));
  expect([...new Set(told.map(({ network }) => network))]).toEqual([
    "as given",
    "10 Gbit/s Ethernet, assumed",
    "100 Gbit/s InfiniBand, assumed",
  ]);
  const ours = told.filter(({ network }) => network === "as given");
  expect(ours.map(({ processes }) => processes)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
  const bytes = 4 * BestRq.countParameters(configure({ mixer: "mamba", size: "tiny" }));
  expect(ours[9].traffic).toBe(ringTraffic(bytes, 512));
  const file = JSON.parse(readFileSync(out, "utf8"));
  expect(file.cost).toMatchObject({ compute: 2, bytes });
  expect(file.networks[0].steps).toEqual(scaling(file.cost, file.networks[0], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]));
  expect(readFileSync(join(folder, "scaling.svg"), "utf8")).toContain("10 Gbit/s Ethernet, assumed");
});

test.each([
  [[], "start it by mpirun -n 2 to measure the network between processes, or give its --latency"],
  [["--latency", "1e-5", "--bandwidth", "0"], "bandwidth must be a number above 0, got 0"],
  [["--size", "huge"], "size must be one of tiny, base, large, got huge"],
  [["--repeat", "1.5"], "repeat must be a whole number from 1, got 1.5"],
])("bench scaling %j is refused", async (given, reason) => {
  await expect(runBench(["scaling", "--out", "none", ...given])).rejects.toThrow(`Cannot estimate scaling: ${reason}`);
});
