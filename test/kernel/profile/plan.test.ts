import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BestRq, mixerNames } from "bestrq/bestrq";
import { displaySymbol } from "bestrq/figures";
import { foresee, memory, plan, warnAhead, fit as whatFits } from "bestrq/profile";
import { largest } from "bestrq/profile/fit";
import { warningOf } from "bestrq/profile/warning";
import { workOf } from "bestrq/profile/work";
import { backend, Random, tf } from "bestrq/tensor";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { root } from "../imports";

const cases = mixerNames.flatMap((mixer) =>
  [
    { seconds: 0.53, batch: 1, train: false },
    { seconds: 3.07, batch: 3, train: false },
    { seconds: 1.31, batch: 2, train: true },
  ].map((work) => ({ mixer, ...work })),
);

describe.each(["tensorflow", "wasm"] as const)("plan() beside the ledger on %s", (name) => {
  beforeAll(() => backend.use(name));

  test.each(cases)("peaks at the same byte: $mixer, $batch × $seconds s, train $train", async ({ mixer, ...work }) => {
    const options = { mixer, size: "tiny", dropout: 0.1, layerDrop: 0 } as const;
    const planned = plan(options, work);
    const model = new BestRq(options);
    const { held, run } = workOf(model, work);
    const recorded = await memory(run, { held });
    expect(planned.peakBytes).toBe(recorded.peakBytes);
    expect(planned.atPeak).toEqual(recorded.atPeak);
    expect(planned.trace.events.length).toBe(recorded.events.length);
    expect(planned.parameters).toBe(model.parameterCount);
    model.dispose();
    tf.dispose(held.map(([, tensor]) => tensor));
  });

  test("plans a model without its weights, and leaves everything as it was", async () => {
    const model = new BestRq({ mixer: "mamba", size: "tiny" });
    const variable = model.entries()[0][1];
    const [before, values] = [tf.memory(), await variable.data()];
    tf.tidy(() => {
      tf.grad((x) => {
        expect(plan(model, { seconds: 0.5, train: true }).peakBytes).toBeGreaterThan(0);
        return x.square().sum();
      })(tf.scalar(3)).data();
    });
    const recorded = await memory(() => void plan(model, { seconds: 0.5 }));
    expect(recorded.events.length).toBe(0);
    expect(() => plan(model, { seconds: 0.5, batch: 0.5 })).toThrow("Cannot plan: batch must be a whole number from 1");
    expect(tf.getBackend()).toBe(name);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    expect(await variable.data()).toEqual(values);
    model.dispose();
  });
});

test.each(mixerNames)("plan() counts the floating-point operations of %s as model.summary() does", (mixer) => {
  const model = new BestRq({ mixer, size: "tiny" });
  for (const seconds of [2.57, 10.31]) {
    expect(plan(model, { seconds }).flops).toBe(model.flops(Math.round(100 * seconds)));
  }
  model.dispose();
});

test("plan() takes an hour of large in its stride, and shows itself", () => {
  const planned = plan({ mixer: "summarymixing", size: "large" }, { seconds: 3600, batch: 6 });
  expect(planned.toJSON()).toEqual({
    mixer: "summarymixing",
    seconds: 3600,
    parameters: 313_371_024,
    flops: planned.flops,
    peak_bytes: planned.peakBytes,
  });
  expect(planned.peakBytes).toBeGreaterThan(100e9);
  expect(String(planned)).toMatch(/^Planned: summarymixing on 6 × 1 h 0 min, inference\n313,371,024 parameters/);
  expect(Object.keys(planned[displaySymbol]())).toContain("image/svg+xml");
});

test("foresee() plans any code, and says what it cannot plan", () => {
  const product = foresee("A product", () => {
    const x = tf.ones([1000, 1000]) as tf.Tensor2D;
    return { held: [["x", x]], run: () => x.matMul(x).dispose() };
  });
  expect(product.trace.peakBytes).toBe(8e6);
  expect(product.operations).toEqual({ products: 2e9, others: 0 });
  const reading = () => foresee("Reading", () => ({ held: [], run: () => void tf.ones([2]).dataSync() }));
  expect(reading).toThrow("Cannot read a tensor while planning: a plan knows shapes alone");
});

describe("fit()", () => {
  test.each([
    { mixer: "mhsa", train: false },
    { mixer: "mamba", train: true },
  ] as const)("finds the longest input and the largest batch of $mixer to the last one", (what) => {
    const options = { ...what, size: "tiny", bytes: 64 * 2 ** 20 } as const;
    const { mixer, train, bytes } = options;
    const peak = (seconds: number, batch: number) => plan({ mixer, size: "tiny" }, { seconds, batch, train }).peakBytes;
    const longest = whatFits({ ...options, batch: 2 });
    expect(longest.plan.peakBytes).toBeLessThanOrEqual(bytes);
    expect(peak(longest.seconds + 0.01, 2)).toBeGreaterThan(bytes);
    const widest = whatFits({ ...options, seconds: 1.5 });
    expect(widest.plan.peakBytes).toBe(peak(1.5, widest.batch));
    expect(peak(1.5, widest.batch + 1)).toBeGreaterThan(bytes);
  });

  test("says where nothing fits, and what is asked wrongly", () => {
    const options = { mixer: "mhsa", size: "base" } as const;
    expect(() => whatFits({ ...options, bytes: 2 ** 20 })).toThrow(
      /^Cannot fit mhsa into 1.0 MiB: inference on 1 × 0.04 s takes 3\d\d\.\d MiB/,
    );
    expect(() => whatFits({ ...options, bytes: 2 ** 30, seconds: 1, batch: 1 })).toThrow("got both");
    expect(() => whatFits({ ...options, bytes: -1 })).toThrow("bytes must be positive, got -1");
  });

  test.each([3, 17, 1000])("largest() asks few times, whatever the cost's shape (%s)", (answer) => {
    for (const power of [1, 2, 5]) {
      const cost = vi.fn((size: number) => size ** power);
      expect(largest(1, 100_000, answer ** power, cost)).toBe(answer);
      expect(cost.mock.calls.length).toBeLessThan(45);
    }
  });
});

describe("the warning before a model runs on too much", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    warnAhead(true);
  });

  test("names what it wants, what there is and what would fit", () => {
    const model = new BestRq({ mixer: "mhsa", size: "tiny" });
    const free = 256 * 2 ** 20;
    expect(warningOf(model, { batch: 2, frames: 400, train: false }, free)).toBeUndefined();
    expect(warningOf(model, { batch: 2, frames: 20_000, train: true }, free)).toMatch(
      /^mhsa on 2 × 3 min 20 s, a training step, will want [\d.]+ GiB beside what is alive, but 256.0 MiB are free\. 2 × [\d.]+ s, would fit$/,
    );
    model.dispose();
  });

  test("comes once for each larger batch, and not where it is off", async () => {
    await backend.use("wasm");
    const model = new BestRq({ mixer: "fastformer", size: "tiny" });
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    vi.spyOn(process, "availableMemory").mockReturnValue(2 ** 10);
    const features = new Random(1).normal([1, 40, 80], 0, 1) as tf.Tensor3D;
    const encode = () => model.encode({ features, lengths: [40] }).dispose();
    warnAhead(false);
    encode();
    expect(written).not.toHaveBeenCalled();
    warnAhead(true);
    encode();
    encode();
    expect(written).toHaveBeenCalledTimes(1);
    expect(written.mock.calls[0][0]).toMatch(/^bestrq: fastformer on 1 × 0.4 s, inference, will want .*\n$/);
    tf.dispose(features);
    model.dispose();
  });
});

describe.runIf(existsSync(join(root, "kernel/dist/bench/planCommand.js")))("bestrq plan", () => {
  const run = (line: string, ...options: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [...options, join(root, "kernel/dist/cli.js"), "plan", ...line.split(" ")],
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  test("prints the promised fields, a line for each case, short inputs first", async () => {
    const { code, stdout } = await run("--mixers mhsa mamba --size tiny --seconds 1 2 --batch 2 --train --json");
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one line
    expect(lines.map(({ mixer, seconds }) => `${mixer} ${seconds}`)).toEqual([
      "mhsa 1",
      "mamba 1",
      "mhsa 2",
      "mamba 2",
    ]);
    expect(Object.keys(lines[0])).toEqual(["mixer", "seconds", "parameters", "flops", "peak_bytes"]);
    const again = plan({ mixer: "mamba", size: "tiny" }, { seconds: 2, batch: 2, train: true });
    expect(lines[3]).toEqual(JSON.parse(JSON.stringify(again)));
  });

  test("takes less than 500 MiB for an hour of large with gradients, by the mixer that has most ops", async () => {
    // Linux tells the most memory of this process alone, the other figure may be of the one that started it.
    const tellPeak = `import { readFileSync } from "node:fs";
      const peak = () => process.platform === "linux"
        ? /VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]
        : process.resourceUsage().maxRSS;
      process.on("exit", () => console.error("peak", peak()));`;
    const work = "--mixers mhsa --size large --seconds 3600 --train --json";
    const { stdout, stderr } = await run(work, "--import", `data:text/javascript,${encodeURIComponent(tellPeak)}`);
    const { parameters, peak_bytes } = JSON.parse(stdout);
    expect(parameters).toBeGreaterThan(313e6);
    expect(peak_bytes).toBeGreaterThan(100e12);
    const peak = Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024;
    expect(peak).toBeGreaterThan(50);
    expect(peak).toBeLessThan(500);
  }, 300_000);

  test("prints a table without --json, and an error on stderr with exit code 1", async () => {
    expect((await run("--mixers fastformer --size tiny --seconds 3")).stdout).toMatch(/fastformer +1 +3 s .*MiB/);
    const { code, stdout, stderr } = await run("--mixers nobody");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^Cannot build a model with mixer "nobody": it must be one of mhsa/);
  });
});
