import { publishGauge } from "bestrq/device";
import { displaySymbol, type MimeBundle } from "bestrq/figures";
import * as profile from "bestrq/profile";
import { backend, tf } from "bestrq/tensor";
import { expect, test } from "vitest";

const busy = (milliseconds: number) => {
  for (const end = Date.now() + milliseconds; Date.now() < end; );
};

test("profile.device() samples from another thread while the body computes", async () => {
  const recorded = await profile.device(
    () => {
      const taken = Buffer.alloc(128 * 2 ** 20, 1);
      busy(600);
      return taken.length;
    },
    { title: "A large buffer" },
  );
  expect(recorded.result).toBe(128 * 2 ** 20);
  const rss = recorded.series.find(({ name }) => name === "process.rss")!;
  expect(rss.values.length).toBeGreaterThan(3); // of some twelve
  expect(rss.timesMs).toHaveLength(rss.values.length);
  expect(rss.peak - rss.first).toBeGreaterThan(0.9 * recorded.result);
  expect(recorded.peak["process.rss"]).toBe(rss.peak);

  const shown: MimeBundle = await recorded[displaySymbol]();
  expect(shown["text/plain"]).toContain(`${rss.what}; ${rss.resolution}`);
  expect(shown["image/svg+xml"]).toContain("memory of the process");
  const table = await recorded.toArrow();
  expect(table.numRows).toBe(recorded.series.reduce((sum, { values }) => sum + values.length, 0));
});

test("profile.device() goes on until stop(), beside another recording", async () => {
  const tell = publishGauge({
    name: "test.count",
    label: "A count",
    unit: "bytes",
    what: "a test",
    resolution: "exact",
    group: "wasm",
  });
  const outer = await profile.device({ intervalMs: 70 });
  const inner = await profile.device(() => {
    tell(11);
    busy(300);
    tell(5);
  });
  const count = (recorded: typeof inner) => recorded.series.find(({ name }) => name === "test.count")!;
  expect(count(inner)).toMatchObject({ first: 0, peak: 11, last: 5 });
  tell(7);
  expect(count(await outer.stop())).toMatchObject({ first: 0, peak: 11, last: 7 });
});

test("profile.device() hands on what the body throws, and records no more", async () => {
  await expect(profile.device(() => Promise.reject(new RangeError("no")))).rejects.toThrow("no");
  await expect(profile.device(() => 1, { intervalMs: 20 })).rejects.toThrow(
    "Cannot sample memory: intervalMs must be 50 or more, got 20",
  );
});

test("profile.device.sample() tells of this moment; the backend wasm counts its heap", async () => {
  await backend.use("wasm");
  const heap = async () => (await profile.device.sample()).series.find(({ name }) => name === "wasm.heap")!.value!;
  expect(await heap()).toBeLessThan(2 ** 26);
  const large = tf.ones([64, 2 ** 18]); // 64 MiB
  expect(await heap()).toBeGreaterThan(2 ** 26);
  large.dispose();
  const { timeMs, series, notes } = await profile.device.sample();
  expect(Math.abs(Date.now() - timeMs)).toBeLessThan(60_000);
  expect(new Set(series.map(({ name }) => name)).size).toBe(series.length);
  expect(notes.length).toBeLessThan(3);
});
